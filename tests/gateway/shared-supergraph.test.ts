import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { defaultSocketLimits } from '../../gateway/config.ts'
import { watchSupergraph } from '../../gateway/graph/watch-supergraph.ts'
import { defaultSharing } from '../../gateway/subscriptions/sharing/shared-streams.ts'
import { createLogger, type Logger } from '../../platform/logging/logger.ts'
import { ask } from '../clients.ts'
import { type Flow, startFlow } from './market/flow.ts'
import { allReach, asking, cutAll, type Follower, follow, many, range, startFollowing } from './market/follower.ts'
import { type Market, startMarket } from './market/market.ts'
import { composeMarket } from './market/supergraph.ts'
import { connect, eventually, type RawSocket } from './raw-socket.ts'

jest.setTimeout(90_000)

const countries = '{ stocks { company { country } } }'
const settings = {
  sharing: { ...defaultSharing, joinAgainAfter: 50 },
  sockets: { ...defaultSocketLimits, restTimeout: 20_000 },
}

describe('a new supergraph', () => {
  let market: Market
  let logged: { err: Error; text: string }[]
  let flow: Flow | undefined
  let followers: Follower[]
  let sockets: RawSocket[]

  beforeEach(async () => {
    logged = []
    followers = []
    sockets = []
    const silent = createLogger('test', 'silent')
    const error = ({ err }: { err: Error }, text: string) => void logged.push({ err, text })
    const logger: Logger = Object.assign(Object.create(silent), { error })
    market = await startMarket(
      { ...settings, supergraphSdl: await composeMarket({ without: ['Company.country'] }) },
      { logger },
    )
  })
  afterEach(async () => {
    await flow?.stop()
    flow = undefined
    cutAll(followers)
    for (const { socket } of sockets) socket.terminate()
    await market.stop()
  })

  const allAreShared = (streams = 1) =>
    eventually(() => market.trading.open.own === 0 && market.trading.open.everyone === streams, 'all are shared')
  const following = async (name: string, question = asking()) => {
    const follower = await follow(market.url, name, question)
    followers.push(follower)
    return follower
  }
  const prices = async (fields: string) => {
    const [socket, before] = [await connect(market.url, 'ann'), market.streams()]
    sockets.push(socket)
    socket.subscribe('prices', `subscription { priceChanged(symbol: "AAA") { ${fields} } }`)
    await eventually(() => market.streams() > before, 'the prices are followed')
    return socket
  }

  it('is served to whoever asks from then on', async () => {
    expect((await ask(market.url, countries)).errors).toMatchObject([{ message: expect.stringContaining('country') }])
    const socket = await connect(market.url, 'ann')
    sockets.push(socket)
    socket.subscribe('before', countries)
    const { payload } = await socket.find(({ id, type }) => id === 'before' && type === 'error')
    expect(payload).toMatchObject([{ message: expect.stringContaining('country') }])

    market.serve(await composeMarket())
    const data = { stocks: range(0, 2).map(() => ({ company: { country: 'Nowhere' } })) }
    expect(await ask(market.url, countries)).toMatchObject({ data, errors: undefined })
    socket.subscribe('after', countries)
    await socket.find(({ id, type }) => id === 'after' && type === 'complete')
    expect(socket.nexts('after')).toEqual([{ data }])
    followers.push(await follow(market.url, 'ann', asking('... on Traded { stock { company { country } } }')))
    const last = market.trading.trade('AAA')
    await allReach(followers, last)
    expect(followers[0]?.payloads().at(-1).data.trades.stock.company).toEqual({ country: 'Nowhere' })
  })

  it('takes subscriptions along: they go on after their cursor, with nothing lost, on its plan and on their sockets', async () => {
    followers = await many(24, (index) => {
      // Some are never shared.
      const own = index % 8 === 0 ? 'isOwn' : ''
      return follow(market.url, `trader ${index}`, asking(`... on Traded { note stock { rating } ${own} }`))
    })
    await eventually(() => market.trading.open.own === 3 && market.trading.open.everyone === 1, 'the rest is shared')
    const events = startFlow(market)
    flow = events
    market.trading.trade('AAA', 300)
    followers.push(await startFollowing(market.url, 'late', asking('... on Traded { stock { rating } }', 'AAA#0')))
    await events.more(20)
    market.serve(await composeMarket({ rater: 'stocks', without: ['Company.country'] }))
    await events.more(20)
    market.serve(await composeMarket({ rater: 'companies' }))
    market.serve(await composeMarket({ rater: 'stocks' }))
    await events.more(20)
    await eventually(() => market.trading.open.own === 3 && market.trading.open.everyone === 2, 'all are as before')
    const from = events.last()
    await events.more(20)
    const last = await events.stop()
    await allReach(followers, last)

    for (const follower of followers) {
      expect(follower.end()).toBeUndefined()
      expect(follower.raw.socket.readyState).toBe(follower.raw.socket.OPEN)
      const isLate = follower.name === 'late'
      const told = follower.payloads().filter(({ data }) => data.trades.__typename === 'UpToDate')
      expect(told).toHaveLength(1)
      const numbers = follower
        .payloads()
        .flatMap(({ data }) => (data.trades.__typename === 'UpToDate' ? [] : [data.trades.number]))
      expect(numbers).toEqual(range(1, last))
      const ratings = follower
        .payloads()
        .flatMap(({ data, errors }) => (errors ? ['none'] : (data.trades.stock?.rating ?? [])))
      expect(new Set(ratings)).toEqual(new Set(isLate ? ratings : ['AAA+', 'AAA at last']))
      expect(ratings.slice(from - last)).toEqual(range(from + 1, last).map(() => 'AAA at last'))
    }
  })

  it('ends a subscription that is not valid any more, with what is wrong, and no other', async () => {
    const reader = await following('reader', asking('... on Traded { note }'))
    const own = await following('own', asking('... on Traded { note isOwn }'))
    const stays = await following('stays')
    const plain = await prices('price news { ... on Rumour { text } }')
    await eventually(() => market.trading.open.everyone === 2 && market.trading.open.own === 1, 'all is as it will be')
    market.serve(await composeMarket({ without: ['Traded.note', 'Rumour.text'] }))
    for (const [{ raw }, id] of [
      [reader, 'trades'],
      [own, 'trades'],
      [{ raw: plain }, 'prices'],
    ] as const) {
      const end = await raw.find((message) => message.id === id && message.type !== 'next')
      const field = id === 'trades' ? 'note' : 'text'
      expect(end).toMatchObject({ type: 'error', payload: [{ message: expect.stringContaining(`"${field}"`) }] })
      expect(raw.socket.readyState).toBe(raw.socket.OPEN)
    }
    const last = market.trading.trade('AAA', 3)
    await allReach([stays], last)
    expect(stays.numbers()).toEqual(range(0, last))
    expect(reader.numbers()).toEqual([0])
    await eventually(() => market.streams() === 0 && market.trading.open.own === 0, 'nothing is left of them')
  })

  it('has a subscription that cannot resume begin again: its socket is closed with 1012', async () => {
    const stays = await following('stays')
    const plain = await prices('price')
    market.serve(await composeMarket())
    expect(await plain.closed).toBe(1012)
    await eventually(() => market.streams() === 0, 'its stream is closed')
    const again = await prices('price')
    market.change('AAA', 7)
    await eventually(() => again.nexts('prices').length === 1, 'it goes on')
    await allReach([stays], 0)
    expect(stays.end()).toBeUndefined()
  })

  it('that cannot be served is logged and passed over', async () => {
    const stays = await following('stays')
    await allAreShared()
    const { opened } = market.trading
    const before = { ...opened }
    const broken = (await composeMarket()).replace('type Traded implements', 'type Traded implments')
    market.serve(broken)
    market.serve('')
    expect(logged).toMatchObject([
      { err: expect.any(Error), text: expect.stringContaining('cannot be served') },
      { err: expect.any(Error), text: expect.stringContaining('cannot be served') },
    ])
    expect((await ask(market.url, '{ stocks { rating } }')).data).toMatchObject({
      stocks: [{ rating: 'AAA+' }, {}, {}],
    })
    const last = market.trading.trade('AAA', 3)
    await allReach([stays], last)
    expect(opened).toEqual(before)
    // A good one is served after all that.
    market.serve(await composeMarket())
    expect((await ask(market.url, countries)).errors).toBeUndefined()
  })
})

it('the supergraph of a file is served when the file changes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-supergraph-'))
  const file = join(folder, 'supergraph.graphql')
  const write = async (text: string) => {
    await writeFile(`${file}.new`, text)
    await rename(`${file}.new`, file)
  }
  const before = await composeMarket({ without: ['Company.country'] })
  await write(before)
  const market = await startMarket(
    { ...settings, supergraphSdl: before },
    { onSupergraph: (listener) => watchSupergraph(file, listener) },
  )
  const follower = await follow(market.url, 'ann')
  try {
    await write(await composeMarket())
    await eventually(async () => !(await ask(market.url, countries)).errors, 'the new one is served')
    await write('type Query {')
    await write(before)
    await eventually(async () => (await ask(market.url, countries)).errors !== undefined, 'the one before is back')
    const last = market.trading.trade('AAA', 3)
    await allReach([follower], last)
    expect(follower.numbers()).toEqual(range(0, last))
  } finally {
    follower.raw.socket.terminate()
    await market.stop()
    await rm(folder, { recursive: true })
  }
})
