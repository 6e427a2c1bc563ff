import { z } from 'zod'
import { parseInput } from '../../../platform/errors/parse-input.ts'
import { lineOfText, uuid } from '../../../platform/errors/text-rules.ts'
import { newPassword } from '../domain/password-rules.ts'
import { username } from '../domain/username-rule.ts'

// A password that is only compared may be any text: one that breaks the rules is simply wrong.
const anyPassword = z.string('must be text')

const registration = z.object({ username, password: newPassword, displayName: lineOfText(1, 100) })
const credentials = z.object({ username, password: anyPassword })
const passwordChange = z.object({ currentPassword: anyPassword, newPassword })

export const parseRegistration = (input: unknown) => parseInput(registration, input)
export const parseCredentials = (input: unknown) => parseInput(credentials, input)
export const parsePasswordChange = (input: unknown) => parseInput(passwordChange, input)
export const parseId = (id: unknown) => parseInput(uuid, id, 'id')
