import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { foldName } from '../../../platform/text/fold-name.ts'
import type { ProfileStore } from './profile-store.ts'

const at = new Date('2026-01-02T03:04:05Z')
const later = new Date('2026-01-02T03:04:06Z')

/** What every `ProfileStore` does. `open` gives the storage of that name, empty the first time. */
export function profileStoreContract(adapter: string, open: (name: string) => Promise<ProfileStore>): void {
  describe(`profile store on ${adapter}`, () => {
    let name: string
    let store: ProfileStore
    beforeEach(async () => {
      name = randomUUID().replaceAll('-', '')
      store = await open(name)
    })
    afterEach(() => store.close())

    const add = async (username: string, displayName = username) => {
      const id = randomUUID()
      expect(await store.add({ id, username, displayName }, at)).toBe('added')
      return id
    }
    const usernames = async (page: Parameters<ProfileStore['list']>[0]) =>
      (await store.list(page)).map(({ username }) => username)

    describe('making profiles', () => {
      it('keeps what it was given, to the letter', async () => {
        const id = await add('Zoe', 'Zoë 🦊 %_"\'\\')
        expect(await store.byIds([id])).toEqual([
          {
            id,
            username: 'Zoe',
            displayName: 'Zoë 🦊 %_"\'\\',
            avatarUrl: null,
            statusMessage: null,
            createdAt: at,
            updatedAt: at,
          },
        ])
      })

      it('keeps times to the second, and rounds none up', async () => {
        const id = randomUUID()
        await store.add({ id, username: 'ann', displayName: 'Ann' }, new Date('2026-01-02T03:04:05.999Z'))
        expect(await store.byIds([id])).toMatchObject([{ createdAt: at, updatedAt: at }])
        const changed = await store.update(id, { displayName: 'Anna' }, new Date('2026-01-02T03:04:06.999Z'))
        expect(changed).toMatchObject({ createdAt: at, updatedAt: later })
      })

      it('keeps the first when an id comes twice', async () => {
        const id = await add('ann', 'Ann')
        expect(await store.add({ id, username: 'ann', displayName: 'Another' }, later)).toBe('known')
        expect(await store.byIds([id])).toMatchObject([{ displayName: 'Ann', createdAt: at }])
      })

      it('gives a username to one id, whatever its case', async () => {
        await add('Ann')
        const id = randomUUID()
        expect(await store.add({ id, username: 'aNN', displayName: 'x' }, at)).toBe('username taken')
        expect(await store.byIds([id])).toEqual([])
      })

      it('tells usernames with different marks apart', async () => {
        for (const username of ['a_b', 'a-b', 'ab', 'a.b', 'a__b']) await add(username)
        expect(await usernames({ limit: 10 })).toEqual(['a-b', 'a.b', 'a__b', 'a_b', 'ab'])
      })

      it('lets exactly one of many concurrent takers of a username have it', async () => {
        const other = await open(name)
        const outcomes = await Promise.all(
          Array.from({ length: 20 }, (_, index) =>
            [store, other][index % 2]?.add({ id: randomUUID(), username: 'wanted', displayName: `${index}` }, at),
          ),
        )
        await other.close()
        expect(outcomes.filter((outcome) => outcome === 'added')).toHaveLength(1)
        expect(outcomes.filter((outcome) => outcome === 'username taken')).toHaveLength(19)
        expect(await usernames({ limit: 10 })).toEqual(['wanted'])
      })

      it('makes one profile of many concurrent repeats of an id', async () => {
        const profile = { id: randomUUID(), username: 'once', displayName: 'Once' }
        const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.add(profile, at)))
        expect(outcomes.filter((outcome) => outcome === 'added')).toHaveLength(1)
        expect(outcomes.filter((outcome) => outcome === 'known')).toHaveLength(19)
      })
    })

    describe('changing profiles', () => {
      it('sets the given fields and keeps the rest', async () => {
        const id = await add('ann', 'Ann')
        await store.update(id, { avatarUrl: 'https://a.test/x', statusMessage: 'here' }, later)
        expect(await store.update(id, { statusMessage: null, displayName: 'Anna' }, later)).toEqual({
          id,
          username: 'ann',
          displayName: 'Anna',
          avatarUrl: 'https://a.test/x',
          statusMessage: null,
          createdAt: at,
          updatedAt: later,
        })
      })

      it('loses none of the concurrent changes of different fields', async () => {
        const id = await add('ann')
        await Promise.all([
          store.update(id, { displayName: 'Anna' }, later),
          store.update(id, { avatarUrl: 'https://a.test/x' }, later),
          store.update(id, { statusMessage: 'here' }, later),
        ])
        expect(await store.byIds([id])).toMatchObject([
          { displayName: 'Anna', avatarUrl: 'https://a.test/x', statusMessage: 'here' },
        ])
      })

      it('changes nobody else', async () => {
        const [ann, bob] = [await add('ann'), await add('bob')]
        await store.update(ann, { displayName: 'Changed' }, later)
        expect(await store.byIds([bob])).toMatchObject([{ displayName: 'bob', updatedAt: at }])
      })

      it('gives undefined for an id without a profile', async () => {
        expect(await store.update(randomUUID(), { displayName: 'x' }, later)).toBeUndefined()
      })
    })

    describe('deleting profiles', () => {
      it('hides the profile and reserves its username', async () => {
        const id = await add('Ann')
        expect(await store.remove(id, later)).toBe(true)
        expect(await store.byIds([id])).toEqual([])
        expect(await store.byUsernames(['ann'])).toEqual([])
        expect(await store.list({ limit: 10 })).toEqual([])
        expect(await store.deletedByUsernames(['ANN', 'bob'])).toEqual([{ id, username: 'Ann' }])
        expect(await store.deletedByIds([randomUUID(), id, id])).toEqual([id])
        expect(await store.add({ id: randomUUID(), username: 'ann', displayName: 'x' }, later)).toBe('username taken')
      })

      it('is not undone by adding the id again', async () => {
        const id = await add('ann')
        await store.remove(id, later)
        expect(await store.add({ id, username: 'ann', displayName: 'x' }, later)).toBe('known')
        expect(await store.byIds([id])).toEqual([])
      })

      it('happens once', async () => {
        const id = await add('ann')
        const outcomes = await Promise.all(Array.from({ length: 5 }, () => store.remove(id, later)))
        expect(outcomes.filter(Boolean)).toHaveLength(1)
        expect(await store.remove(randomUUID(), later)).toBe(false)
      })

      it('is undone by restoring, under the same username and with new times', async () => {
        const id = await add('Ann')
        await store.remove(id, at)
        const appearance = { displayName: 'Back', avatarUrl: null, statusMessage: 'again' }
        expect(await store.restore(id, appearance, later)).toBe('restored')
        expect(await store.byIds([id])).toEqual([
          { ...appearance, id, username: 'Ann', createdAt: later, updatedAt: later },
        ])
        expect(await store.deletedByUsernames(['ann'])).toEqual([])
        expect(await store.deletedByIds([id])).toEqual([])
      })

      it('restores once, and only what was deleted', async () => {
        const appearance = { displayName: 'x', avatarUrl: null, statusMessage: null }
        const id = await add('ann')
        expect(await store.restore(id, appearance, later)).toBe('exists')
        expect(await store.restore(randomUUID(), appearance, later)).toBe('unknown')
        await store.remove(id, later)
        const outcomes = await Promise.all(Array.from({ length: 5 }, () => store.restore(id, appearance, later)))
        expect(outcomes.sort()).toEqual(['exists', 'exists', 'exists', 'exists', 'restored'])
      })
    })

    describe('finding profiles', () => {
      it('finds many at once, each once, and leaves out what is not there', async () => {
        const ids = await Promise.all(Array.from({ length: 100 }, (_, index) => add(`user${index}`)))
        const found = await store.byIds([...ids, ...ids, randomUUID()])
        expect(new Set(found.map(({ id }) => id))).toEqual(new Set(ids))
        expect(found).toHaveLength(100)
        const named = await store.byUsernames(['USER1', 'user99', 'user100'])
        expect(named.map(({ username }) => username).sort()).toEqual(['user1', 'user99'])
      })

      it('answers an empty question', async () => {
        await add('ann')
        expect(await store.byIds([])).toEqual([])
        expect(await store.byUsernames([])).toEqual([])
        expect(await store.deletedByUsernames([])).toEqual([])
        expect(await store.deletedByIds([])).toEqual([])
      })

      it('finds no name that is only alike', async () => {
        const id = await add('resume', 'Ann')
        const alike = ['résumé', 'resume ', 'resume\u0000', 're\u200Bsume', 'reſume']
        expect(await store.byUsernames(alike)).toEqual([])
        for (const search of ['ann ', 'a\u200Bnn', 'änn']) expect(await usernames({ search, limit: 10 })).toEqual([])
        await store.remove(id, later)
        expect(await store.deletedByUsernames(alike)).toEqual([])
        expect(await store.deletedByUsernames(['resume'])).toEqual([{ id, username: 'resume' }])
      })

      it('takes a quote for a letter', async () => {
        await add('ann')
        expect(await store.byUsernames(["' or 1=1 -- "])).toEqual([])
        expect(await store.list({ search: "' or 1=1 -- ", limit: 10 })).toEqual([])
      })
    })

    describe('listing profiles', () => {
      it('orders by username in any case, letters after digits and marks', async () => {
        for (const username of ['bob', 'Carl', 'ann', 'a_b', 'a1', 'Zoe', '1a']) await add(username)
        expect(await usernames({ limit: 10 })).toEqual(['1a', 'a1', 'a_b', 'ann', 'bob', 'Carl', 'Zoe'])
      })

      it('gives page after page without a gap or a repeat', async () => {
        for (const username of ['d', 'B', 'a', 'C', 'e']) await add(username)
        expect(await usernames({ limit: 2 })).toEqual(['a', 'B'])
        expect(await usernames({ limit: 2, after: 'B' })).toEqual(['C', 'd'])
        expect(await usernames({ limit: 2, after: 'd' })).toEqual(['e'])
        expect(await usernames({ limit: 2, after: 'e' })).toEqual([])
      })

      it('goes on after a username that is gone', async () => {
        await add('a')
        const id = await add('b')
        await add('c')
        await store.remove(id, later)
        expect(await usernames({ limit: 2, after: 'b' })).toEqual(['c'])
      })

      it('searches the beginnings of usernames and display names in any case', async () => {
        await add('ann', 'Zoe')
        await add('bob', 'ANNA')
        await add('carl', 'Joanna')
        await add('emile', 'ÉMILE')
        await add('od', 'ΟΔΥΣΣΕΥΣ')
        expect(await usernames({ search: 'aNN', limit: 10 })).toEqual(['ann', 'bob'])
        expect(await usernames({ search: 'ém', limit: 10 })).toEqual(['emile'])
        expect(await usernames({ search: 'ΟΔΥΣ', limit: 10 })).toEqual(['od'])
        expect(await usernames({ search: 'ann', limit: 10, after: 'ann' })).toEqual(['bob'])
      })

      it('searches what a display name is changed to', async () => {
        const id = await add('ann', 'Old')
        await store.update(id, { displayName: 'New' }, later)
        expect(await usernames({ search: 'new', limit: 10 })).toEqual(['ann'])
        expect(await usernames({ search: 'old', limit: 10 })).toEqual([])
      })

      it('finds every name that starts with the search, up to the last code points there are', async () => {
        const ends = [
          '',
          'a',
          '\ud7ff',
          '\ue000',
          '\uffff',
          '\u{10000}',
          '\u{10fffe}',
          '\u{10ffff}',
          '\u{10ffff}\u{10ffff}z',
        ]
        const starts = ['x', 'x\ud7ff', 'x\uffff', 'x\u{10ffff}', '\u{10ffff}', '\u{10ffff}\u{10ffff}', 'ΧΣ', 'É']
        const names = starts.flatMap((start) => ends.map((end) => start + end))
        for (const [index, name] of names.entries()) await add(`u${String(index).padStart(3, '0')}`, name)
        for (const search of [...starts, 'X', 'χσ', 'e\u0301', 'x\ue000', 'x\u{10000}']) {
          const expected = names.flatMap((name, index) =>
            foldName(name).startsWith(foldName(search)) ? [`u${String(index).padStart(3, '0')}`] : [],
          )
          expect({ search, found: await usernames({ search, limit: 100 }) }).toEqual({ search, found: expected })
        }
      })

      it('tells whether the list has something up to a username', async () => {
        for (const username of ['b', 'D']) await add(username, `${username} name`)
        const answers = await Promise.all(['a', 'B', 'c', 'e'].map((username) => store.hasUpTo(username)))
        expect(answers).toEqual([false, true, true, true])
        expect(await store.hasUpTo('c', 'd')).toBe(false)
        expect(await store.hasUpTo('d', 'D NAME')).toBe(true)
      })

      it('has no wildcards', async () => {
        await add('a_b', '100% me')
        await add('axb', '100 me')
        expect(await usernames({ search: 'a_', limit: 10 })).toEqual(['a_b'])
        expect(await usernames({ search: '100%', limit: 10 })).toEqual(['a_b'])
        expect(await usernames({ search: '%', limit: 10 })).toEqual([])
      })
    })

    describe('preferences', () => {
      it('are empty until chosen and keep each choice', async () => {
        const id = await add('ann')
        expect(await store.preferences(id)).toEqual({})
        expect(await store.prefer(id, {})).toEqual({})
        expect(await store.prefer(id, { theme: 'DARK', notifications: false })).toEqual({
          theme: 'DARK',
          notifications: false,
        })
        await store.prefer(id, { locale: 'pt-BR', notifications: true })
        expect(await store.preferences(id)).toEqual({ theme: 'DARK', locale: 'pt-BR', notifications: true })
      })

      it('lose none of the concurrent first choices', async () => {
        const id = await add('ann')
        await Promise.all([
          store.prefer(id, { theme: 'LIGHT' }),
          store.prefer(id, { locale: 'de' }),
          store.prefer(id, { readReceipts: false }),
        ])
        expect(await store.preferences(id)).toEqual({ theme: 'LIGHT', locale: 'de', readReceipts: false })
      })

      it('need a profile, and go with it', async () => {
        expect(await store.prefer(randomUUID(), { theme: 'DARK' })).toBeUndefined()
        expect(await store.preferences(randomUUID())).toBeUndefined()
        const id = await add('ann')
        await store.prefer(id, { theme: 'DARK' })
        await store.remove(id, later)
        expect(await store.preferences(id)).toBeUndefined()
        expect(await store.prefer(id, { theme: 'LIGHT' })).toBeUndefined()
        await store.restore(id, { displayName: 'x', avatarUrl: null, statusMessage: null }, later)
        expect(await store.preferences(id)).toEqual({})
      })
    })

    it('has everything after it was closed and opened again', async () => {
      const [ann, bob] = [await add('ann'), await add('bob')]
      await store.prefer(ann, { theme: 'DARK' })
      await store.remove(bob, later)
      await store.close()
      store = await open(name)
      expect(await usernames({ limit: 10 })).toEqual(['ann'])
      expect(await store.preferences(ann)).toEqual({ theme: 'DARK' })
      expect(await store.add({ id: bob, username: 'bob', displayName: 'x' }, later)).toBe('known')
    })

    it('says whether it answers, and closes twice', async () => {
      expect(await store.ready()).toBe(true)
      await store.close()
      await store.close()
      expect(await store.ready()).toBe(false)
    })
  })
}
