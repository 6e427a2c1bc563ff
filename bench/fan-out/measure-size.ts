import { inRounds } from '../harness/rounds.ts'
import { median, ratioOf } from '../harness/statistics.ts'
import type { Contender } from './contender.ts'

export type Contenders = Record<'parley' | 'raw' | 'plain', Contender>

export interface DeliveryFigures {
  /** How many messages were sent at once. */
  atOnce: number
  messages: number
  /** For each delivery, the median of the rounds. */
  microseconds: Record<keyof Contenders, number>
  toRaw: ReturnType<typeof ratioOf>
  toPlain: ReturnType<typeof ratioOf>
}

export interface SizeFigures {
  size: number
  single: DeliveryFigures
  burst: DeliveryFigures
  /** Microseconds of chat for each event that is sent alone. */
  chat: number
}

export interface SizeOptions {
  size: number
  rounds: number
  /** In a round, about. */
  deliveries: number
}

const burstSize = 10
const fewestMessages = 3
const mostMessages = 50

export async function measureSize(
  contenders: Contenders,
  { size, rounds, deliveries }: SizeOptions,
): Promise<SizeFigures> {
  const { parley, raw, plain } = contenders
  for (const contender of [parley, raw, plain]) {
    await contender.grow(size)
    await contender.deliver(burstSize, 1)
    await contender.deliver(burstSize, burstSize)
  }
  const measure = async (atOnce: number) => {
    const wanted = Math.min(mostMessages, Math.max(fewestMessages, deliveries / size))
    const messages = Math.ceil(wanted / atOnce) * atOnce
    const spent = await inRounds(rounds, {
      parley: () => parley.deliver(messages, atOnce),
      raw: () => raw.deliver(messages, atOnce),
      plain: () => plain.deliver(messages, atOnce),
    })
    const perDelivery = (name: keyof Contenders) => spent[name].map(({ server }) => server / (messages * size))
    const figures: DeliveryFigures = {
      atOnce,
      messages,
      microseconds: {
        parley: median(perDelivery('parley')),
        raw: median(perDelivery('raw')),
        plain: median(perDelivery('plain')),
      },
      toRaw: ratioOf(perDelivery('parley'), perDelivery('raw')),
      toPlain: ratioOf(perDelivery('parley'), perDelivery('plain')),
    }
    return { figures, chat: median(spent.parley.map(({ chat = 0 }) => chat / messages)) }
  }
  const single = await measure(1)
  const burst = await measure(burstSize)
  return { size, single: single.figures, burst: burst.figures, chat: single.chat }
}
