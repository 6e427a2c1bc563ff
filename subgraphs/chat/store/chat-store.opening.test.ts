import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { onServer } from '../../../platform/testing/servers.ts'
import { startTcpProxy, type TcpProxy } from '../../../platform/testing/tcp-proxy.ts'
import { makeRoom } from '../testing/drafts.ts'
import { startRefusingMongodb } from '../testing/refusing-server.mongodb.ts'
import { temporaryMongodbStorage } from '../testing/temporary-store.mongodb.ts'
import { openMongodbChatStore } from './chat-store.mongodb.ts'

describe('opening a chat store on MongoDB', () => {
  it.each([
    '',
    'http://127.0.0.1/parley',
    'mongodb://127.0.0.1:27017',
    'mongodb://127.0.0.1:27017/',
    'mongodb://ann:hunter2@127.0.0.1:27017/?replicaSet=rs0',
    'mongodb://ann:hunter2@@127.0.0.1:27017/parley',
    'mongodb://ann:hun:hunter2@127.0.0.1:27017/parley',
    'mongodb://ann:%hunter2@127.0.0.1:27017/parley',
    'mongodb://ann:x@hunter2:word@127.0.0.1:27017/parley',
    'mongodb://ann:hunter2@127.0.0.1:27017/parley?hunter2=1',
  ])('refuses %j, without showing the password', async (url) => {
    const opening = openMongodbChatStore({ url, patience: 0 })
    await expect(opening).rejects.toThrow(/^The URL of the chat store is not right/)
    await expect(opening).rejects.not.toThrow('hunter2')
  })

  it('says at once, and without the password, that the login is refused', async () => {
    const server = await startRefusingMongodb()
    const url = `mongodb://ann:hunter2@127.0.0.1:${server.port}/parley`
    const opening = openMongodbChatStore({ url, patience: 60_000 })
    await expect(opening).rejects.toThrow(
      `The chat store on MongoDB at 127.0.0.1:${server.port} cannot be opened: Authentication failed. ` +
        '(MONGODB_URL has a wrong name or password, or a user without rights)',
    )
    await expect(opening).rejects.not.toThrow('hunter2')
    server.close()
  })

  onServer('mongodb', (server) => {
    let storage: ReturnType<typeof temporaryMongodbStorage>
    let proxy: TcpProxy
    let url: string
    beforeEach(async () => {
      storage = temporaryMongodbStorage(server)
      proxy = await startTcpProxy(server)
      url = storage.urlThrough(proxy)
    })
    afterEach(async () => {
      await proxy.close()
      await storage.remove()
    })

    it('waits for a server that is still starting, for as long as its patience lasts', async () => {
      proxy.refuse()
      const patient = openMongodbChatStore({ url, patience: 25_000 })
      await expect(openMongodbChatStore({ url, patience: 0 })).rejects.toThrow(
        `The chat store on MongoDB at 127.0.0.1:${proxy.port} cannot be opened: connect ECONNREFUSED`,
      )
      await proxy.accept()
      const store = await patient
      expect(await store.ready()).toBe(true)
      await store.close()
      expect(await store.ready()).toBe(false)
    })

    it('says what it waits for, once, and names the replica set that is not there', async () => {
      const said: string[] = []
      const logger = { warn: (_: unknown, message?: string) => void said.push(String(message)) }
      const at = new URL(url)
      at.search = 'replicaSet=nowhere'
      const problem = 'the replica set "nowhere" of MONGODB_URL (replicaSet=) is not the set of the servers there'
      const opening = openMongodbChatStore({ url: at.href, patience: 10_000, logger })
      await expect(opening).rejects.toThrow(`MongoDB at 127.0.0.1:${proxy.port} cannot be opened: ${problem}`)
      expect(said).toEqual([
        expect.stringContaining(`waiting for MongoDB at 127.0.0.1:${proxy.port} (MONGODB_URL): ${problem}`),
      ])
    })

    it('does not wait for a server that accepts and never answers', async () => {
      proxy.freeze()
      const at = new URL(url)
      at.username = 'ann'
      at.password = 'hunter2'
      const opening = openMongodbChatStore({ url: at.href, patience: 0 })
      await expect(opening).rejects.toThrow(`127.0.0.1:${proxy.port} cannot be opened`)
      await expect(opening).rejects.not.toThrow('hunter2')
    })

    it('is harmless from many processes at once, and again', async () => {
      const stores = await Promise.all(Array.from({ length: 8 }, storage.open))
      const [first, second] = stores
      if (!first || !second) throw new Error('There is no store')
      const roomId = await makeRoom(first)
      stores.push(await storage.open())
      expect(await second.state.rooms([roomId])).toHaveLength(1)
      await Promise.all(stores.map((store) => store.close()))
    })
  })
})
