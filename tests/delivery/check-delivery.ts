import { type CheckSettings, defaultSettings } from './options/settings.ts'
import { type CheckReport, reportOn } from './report.ts'
import { createRunTime } from './run-time.ts'
import { setScene } from './scene.ts'
import { begin, checkTopic, settle } from './settle.ts'
import type { Target } from './target/target.ts'
import { checkLog } from './verdict/check-log.ts'

export interface CheckOptions extends Partial<CheckSettings> {
  target: Target
  say?(line: string): void
  /** Hears now and then how it stands. */
  onProgress?(report: CheckReport): void
  /** Takes what ends it before its time, and judges what was sent until then; called again, it waits for nothing more. */
  onStoppable?(stop: () => void): void
}

const progressEvery = 30_000

/** Writes, reads, and takes parts away, as the public graph allows; then holds what was read against what was acknowledged. */
export async function checkDelivery(options: CheckOptions): Promise<CheckReport> {
  const { target, say = () => {}, onProgress, onStoppable, ...given } = options
  const settings: CheckSettings = { ...defaultSettings, ...given }
  const began = performance.now()
  const runTime = createRunTime(settings.patience)
  onStoppable?.(runTime.stop)
  const scene = await setScene({ target, settings, runTime, say })
  const { crowd, records, sends, writers, tally, restores } = scene
  const closeReaders = () => Promise.all(crowd.all.map((reader) => reader.close()))
  const report = (isSettled: boolean) => reportOn({ ...scene, seconds: (performance.now() - began) / 1_000, isSettled })
  const progress = setInterval(() => onProgress?.(report(false)), progressEvery)
  try {
    if (await begin(scene)) {
      runTime.start(settings.seconds)
      await scene.play()
    } else say('Not every reader could follow its room')
    const isSettled = await settle(scene)
    await closeReaders()
    for (const { record } of crowd.all) record.finish()
    for (const record of records) checkLog(record, sends, writers, tally, restores)
    const isTopicTold = await checkTopic(scene)
    for (const name of target.deaths()) tally.blame('brokenOff', `${name} ended by itself`)
    return report(isSettled && isTopicTold)
  } finally {
    clearInterval(progress)
    await closeReaders()
  }
}
