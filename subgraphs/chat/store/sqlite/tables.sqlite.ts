/** The chat tables, step by step. Steps that were released are never changed; new ones are added. */
export const chatTables = [
  `CREATE TABLE room_log (
     room_id TEXT NOT NULL, seq INTEGER NOT NULL, key TEXT NOT NULL, actor_id TEXT NOT NULL, at INTEGER NOT NULL,
     change TEXT NOT NULL, message_id TEXT, pending INTEGER NOT NULL DEFAULT 1,
     PRIMARY KEY (room_id, seq)) WITHOUT ROWID;
   CREATE UNIQUE INDEX room_log_by_key ON room_log (room_id, key);
   CREATE INDEX room_log_by_message ON room_log (message_id) WHERE message_id IS NOT NULL;
   CREATE INDEX room_log_pending ON room_log (at) WHERE pending = 1;

   CREATE TABLE rooms (
     id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL, topic TEXT,
     created_at INTEGER NOT NULL, projected INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX rooms_public_by_name ON rooms (name_key, id) WHERE kind = 'PUBLIC';

   CREATE TABLE members (
     room_id TEXT NOT NULL, user_id TEXT NOT NULL, role TEXT NOT NULL, joined_at INTEGER NOT NULL,
     joined_seq INTEGER NOT NULL, read_up_to INTEGER, PRIMARY KEY (room_id, user_id)) WITHOUT ROWID;
   CREATE INDEX members_by_joining ON members (room_id, joined_seq);
   CREATE INDEX members_by_user ON members (user_id, joined_at DESC, room_id DESC);

   CREATE TABLE bans (room_id TEXT NOT NULL, user_id TEXT NOT NULL, PRIMARY KEY (room_id, user_id)) WITHOUT ROWID;

   CREATE TABLE messages (
     id TEXT PRIMARY KEY, room_id TEXT NOT NULL, seq INTEGER NOT NULL, sender_id TEXT NOT NULL,
     client_message_id TEXT NOT NULL, text TEXT NOT NULL, created_at INTEGER NOT NULL,
     edited_at INTEGER, deleted_at INTEGER) WITHOUT ROWID;
   CREATE UNIQUE INDEX messages_by_seq ON messages (room_id, seq);`,
  `ALTER TABLE room_log ADD COLUMN previous TEXT;
   ALTER TABLE members ADD COLUMN read_up_to_id TEXT;`,
  `CREATE TABLE people (id TEXT PRIMARY KEY) WITHOUT ROWID;
   INSERT OR IGNORE INTO people SELECT user_id FROM members;
   INSERT OR IGNORE INTO people SELECT actor_id FROM room_log;
   UPDATE room_log SET change = json_set(change, '$.text', '')
     WHERE message_id IS NOT NULL AND json_extract(change, '$.type') = 'MessageSent' AND EXISTS (
       SELECT 1 FROM room_log AS later WHERE later.message_id = room_log.message_id AND later.seq > room_log.seq);
   UPDATE room_log SET change = json_set(change, '$.message.text', '')
     WHERE message_id IS NOT NULL AND json_extract(change, '$.type') = 'MessageEdited' AND EXISTS (
       SELECT 1 FROM room_log AS later WHERE later.message_id = room_log.message_id AND later.seq > room_log.seq);`,
  // Unread messages are counted from it alone: what comes after a long text in a row of the table is dear to read.
  `CREATE INDEX messages_for_counting ON messages (room_id, seq, sender_id, deleted_at);`,
]
