import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { onServer } from '../../../platform/testing/servers.ts'
import { catchUp } from '../log/catch-up.ts'
import { makeRoom } from '../testing/drafts.ts'
import type { Acknowledged, SendMany } from '../testing/send-many.ts'
import { temporaryMongodbStorage } from '../testing/temporary-store.mongodb.ts'
import { temporaryStorage } from '../testing/temporary-store.ts'
import type { ChatStorage } from './chat-store.contract.ts'
import type { ChatStore } from './chat-store.ts'

const script = fileURLToPath(new URL('../testing/send-many.ts', import.meta.url))
const users = ['ann', 'bob', 'eve', 'mel']
const each = 2_500

manyProcesses('sqlite', async () => {
  const storage = await temporaryStorage()
  return { ...storage, place: join(storage.folder, 'chat.db') }
})
onServer('mongodb', (server) =>
  manyProcesses('mongodb', async () => {
    const storage = temporaryMongodbStorage(server)
    return { ...storage, place: storage.url }
  }),
)

function manyProcesses(adapter: string, newStorage: () => Promise<ChatStorage & { place: string }>): void {
  describe(`chat store on ${adapter}, from four processes`, () => {
    let storage: ChatStorage & { place: string }
    let store: ChatStore
    let processes: ChildProcess[]

    beforeEach(async () => {
      storage = await newStorage()
      store = await storage.open()
      processes = []
    })
    afterEach(async () => {
      for (const process of processes) process.kill('SIGKILL')
      await store.close()
      await storage.remove()
    })

    /** What the process says next. */
    const answer = async (process: ChildProcess) => {
      const exit = once(process, 'exit').then(([code]) => Promise.reject(new Error(`A process ended with ${code}`)))
      return (await Promise.race([once(process, 'message'), exit]))[0]
    }
    const start = async () => {
      const process = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
      processes.push(process)
      await answer(process)
      return process
    }
    const send = (process: ChildProcess, task: SendMany): Promise<Acknowledged> => {
      process.send(task)
      return answer(process)
    }

    it('has 10,000 sends to one room without a hole or a repeat, each where it was acknowledged', async () => {
      const roomId = await makeRoom(store)
      const senders = await Promise.all(users.map(start))
      const acknowledged = await Promise.all(
        senders.map((process, index) =>
          send(process, { storage: storage.place, roomId, userId: users[index] ?? '', count: each }),
        ),
      )
      const last = 1 + users.length * each
      const events = await store.log.read(roomId, 0, 20_000)
      expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: last }, (_, index) => index + 1))
      expect(new Set(events.map(({ key }) => key)).size).toBe(last)
      const log = new Map(events.map(({ key, seq }) => [key, seq]))
      expect(acknowledged.map((keys) => keys.length)).toEqual(users.map(() => each))
      expect(acknowledged.flat().filter(([key, seq]) => log.get(key) !== seq)).toEqual([])

      expect((await catchUp(store, roomId))?.projected).toBe(last)
      const messages = await store.state.messages(roomId, { take: 'first', count: 20_000 })
      expect(messages.items.map(({ seq }) => seq)).toEqual(Array.from({ length: last - 1 }, (_, index) => index + 2))
    }, 180_000)
  })
}
