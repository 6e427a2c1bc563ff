/** Mutations that take a password or make a session: one operation holds at most one of them, or it could try many passwords at once. */
export const exclusiveMutations = ['register', 'login', 'refresh', 'changePassword']
