import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { type Admin, Kafka, logLevel } from 'kafkajs'

/** Topics of a test on the test server, with an admin client that knows nothing of the adapters. */
export interface TestTopics {
  /** What the names of these topics begin with; no other test's do. */
  prefix: string
  admin: Admin
  drop(): Promise<void>
}

export async function openTestTopics(url: string): Promise<TestTopics> {
  const prefix = `test-${randomUUID()}.`
  const admin = new Kafka({ brokers: [new URL(url).host], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  return {
    prefix,
    admin,
    async drop() {
      const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix))
      if (topics.length > 0) await admin.deleteTopics({ topics })
      await admin.disconnect()
    },
  }
}

/** Waits until the condition holds, or gives up after twenty seconds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await condition()); ) {
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}`)
    await pause(5)
  }
}
