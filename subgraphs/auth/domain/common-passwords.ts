/** Passwords that attackers try first, in lower case. Those under 8 characters are refused anyway. */
export const commonPasswords: ReadonlySet<string> = new Set(
  `password password1 password12 password123 passw0rd 12345678 123456789 1234567890 11111111 87654321 00000000 88888888
   qwertyuiop qwerty123 1q2w3e4r 1q2w3e4r5t 1qaz2wsx zaq12wsx asdfghjkl iloveyou iloveyou1 sunshine princess football
   baseball superman starwars trustno1 letmein1 welcome1 whatever computer michelle jennifer abcd1234 admin123 changeme`
    .split(/\s+/)
    .filter((password) => password !== ''),
)
