import { readFileSync, watchFile } from 'node:fs'
import process from 'node:process'

// `node --import ./tests/shift-clock.ts` gives a process another time of day: Date.now() and new Date() are TEST_CLOCK_SHIFT seconds
// ahead (negative: behind). With TEST_CLOCK_FILE the seconds stand in that file, and each change of it steps the clock.
// performance.now() and timers go on as they do when a system's clock is set.

const file = process.env.TEST_CLOCK_FILE
let shift = Number(process.env.TEST_CLOCK_SHIFT ?? 0) * 1_000
const read = () => {
  if (file) shift = Number(readFileSync(file, 'utf8')) * 1_000
}
read()
if (file) watchFile(file, { interval: 50, persistent: false }, read)

const RealDate = Date
const realNow = Date.now.bind(Date)
const now = () => realNow() + Math.round(shift)
RealDate.now = now

// A proxy, so that dates that the platform makes are still instances of Date.
globalThis.Date = new Proxy(RealDate, {
  construct: (target, parameters, newTarget) =>
    Reflect.construct(target, parameters.length === 0 ? [now()] : parameters, newTarget),
  apply: () => String(new RealDate(now())),
})
