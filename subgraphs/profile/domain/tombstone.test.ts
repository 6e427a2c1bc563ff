import { expect, it } from '@jest/globals'
import { v7 } from 'uuid'
import { tombstone } from './tombstone.ts'

it('stands for a user, dated by the id, with a username of its own', () => {
  const now = new Date('2026-01-02T03:04:05.678Z')
  const id = v7({ msecs: now.getTime() })
  expect(tombstone(id)).toEqual({
    id,
    username: `deleted-${id}`,
    displayName: 'Deleted account',
    avatarUrl: null,
    statusMessage: null,
    createdAt: now,
    updatedAt: now,
  })
})

it('keeps the username within 50 characters', () => {
  expect(tombstone('x'.repeat(100)).username).toHaveLength(50)
})
