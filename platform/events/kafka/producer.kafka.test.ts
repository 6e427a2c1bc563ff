import { beforeEach, describe, expect, it } from '@jest/globals'
import type { Kafka, ProducerBatch, ProducerConfig } from 'kafkajs'
import { createKafkaProducer } from './producer.kafka.ts'

interface Fake {
  batches: ProducerBatch[]
  isCut: boolean
}

describe('producer', () => {
  let fakes: Fake[]
  let lines: string[]
  /** What a stand-in for kafkajs's producer answers; by default, for every partition that it was asked to write. */
  let answer: (fake: number, partitions: { topicName: string; partition: number }[]) => object[] | Promise<object[]>
  beforeEach(() => {
    fakes = []
    lines = []
    answer = (_, partitions) => partitions
  })
  const line = (_: unknown, message?: string) => void lines.push(String(message))

  const create = () =>
    createKafkaProducer({
      openClient: () => {
        const fake: Fake = { batches: [], isCut: false }
        const number = fakes.push(fake) - 1
        const producer = ({ createPartitioner }: ProducerConfig) => {
          const choose = createPartitioner?.()
          const partitionMetadata = [0, 1, 2].map((partitionId) => ({ partitionId, leader: 1 }))
          return {
            connect: async () => {},
            sendBatch: async (batch: ProducerBatch) => {
              fake.batches.push(batch)
              const asked = (batch.topicMessages ?? []).flatMap(({ topic, messages }) =>
                messages.map((message) => ({
                  topicName: topic,
                  partition: choose?.({ topic, message, partitionMetadata } as never) ?? -1,
                })),
              )
              return answer(number, asked)
            },
          }
        }
        return {
          kafka: { producer } as unknown as Kafka,
          cut: () => {
            fake.isCut = true
          },
        }
      },
      topics: { ensure: async () => {}, forget: () => {} },
      logger: { debug: () => {}, info: line, warn: line, error: line },
      patience: 2_000,
    })
  const some = Array.from({ length: 20 }, (_, number) => ({ key: `${number}`, value: `${number}` }))

  it('keeps its producer while all goes well', async () => {
    const producer = create()
    for (let round = 0; round < 3; round += 1) await producer.append('t', some)
    expect(fakes).toMatchObject([{ batches: [{ acks: -1 }, { acks: -1 }, { acks: -1 }], isCut: false }])
    await producer.close()
    expect(fakes).toMatchObject([{ isCut: true }])
  })

  it('sends again, all of it and with a new producer, when Kafka has not answered for each partition', async () => {
    answer = (fake, partitions) => (fake === 0 ? partitions.filter(({ partition }) => partition !== 1) : partitions)
    const producer = create()
    await producer.append('t', some)
    const whole = { topicMessages: [{ topic: 't', messages: some }] }
    expect(fakes).toMatchObject([
      { batches: [whole], isCut: true },
      { batches: [whole], isCut: false },
    ])
    await producer.close()
  })

  it('never uses a producer again that has failed, and is UNAVAILABLE when none succeeds in time', async () => {
    answer = () => Promise.reject(new Error('OUT_OF_ORDER_SEQUENCE_NUMBER'))
    const producer = create()
    await expect(producer.append('t', some)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(fakes.length).toBeGreaterThan(2)
    for (const fake of fakes) expect(fake).toMatchObject({ batches: [{}], isCut: true })
    expect(lines).toEqual(['Kafka does not take events; that is tried again'])
    answer = (_, partitions) => partitions
    await producer.append('t', some)
    expect(lines.slice(1)).toEqual(['Kafka takes events again'])
    await producer.close()
  })

  it('does not insist on what Kafka refuses for good', async () => {
    const refusal = Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' })
    answer = () => Promise.reject(new Error('kafkajs wraps it', { cause: refusal }))
    const producer = create()
    await expect(producer.append('t', some)).rejects.toThrow('kafkajs wraps it')
    expect(fakes).toMatchObject([{ batches: [{}], isCut: true }])
    await producer.close()
  })

  it('closes while Kafka does not answer; what waits is UNAVAILABLE', async () => {
    answer = () => new Promise(() => {})
    const producer = create()
    const appends = [producer.append('t', some), producer.append('t', some)]
    const [first, second] = await Promise.allSettled([...appends, producer.close()])
    expect([first, second]).toMatchObject([{ reason: { code: 'UNAVAILABLE' } }, { reason: { code: 'UNAVAILABLE' } }])
    await expect(producer.append('t', some)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(fakes.every(({ isCut }) => isCut)).toBe(true)
  })
})
