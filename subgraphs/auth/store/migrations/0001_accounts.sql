CREATE TABLE IF NOT EXISTS accounts (
  id CHAR(36) NOT NULL PRIMARY KEY,
  username VARCHAR(50) NOT NULL UNIQUE,
  display_name VARCHAR(100) NOT NULL,
  password_hash VARCHAR(60) NOT NULL,
  password_version INT UNSIGNED NOT NULL,
  created_at DATETIME(3) NOT NULL,
  pending BOOLEAN NOT NULL,
  INDEX accounts_pending (pending, created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS sessions (
  id CHAR(36) NOT NULL PRIMARY KEY,
  user_id CHAR(36) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  last_seen_at DATETIME(3) NOT NULL,
  user_agent VARCHAR(255),
  ip VARCHAR(45),
  revoked_at DATETIME(3),
  INDEX sessions_by_user (user_id, created_at),
  INDEX sessions_by_revocation (revoked_at),
  INDEX sessions_by_last_use (last_seen_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS refresh_tokens (
  hash VARCHAR(43) NOT NULL PRIMARY KEY,
  session_id CHAR(36) NOT NULL,
  password_version INT UNSIGNED NOT NULL,
  created_at DATETIME(3) NOT NULL,
  replaced_at DATETIME(3),
  INDEX refresh_tokens_by_age (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS signing_keys (
  id CHAR(36) NOT NULL PRIMARY KEY,
  public_key TEXT NOT NULL,
  sealed_private_key TEXT NOT NULL,
  created_at DATETIME(3) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
