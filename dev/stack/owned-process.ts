import { execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from './server.ts'

/** A process that this project started: its id, and when it began, because ids are used again. */
export interface OwnedProcess {
  pid: number
  began: string
}

/** Starts a program that outlives this process; what it says goes to the file. */
export async function startOwned({ program, args }: Command, folder: string, log: string): Promise<OwnedProcess> {
  const output = openSync(log, 'a')
  const child = spawn(program, args, { cwd: folder, detached: true, stdio: ['ignore', output, output] })
  closeSync(output)
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  child.unref()
  const pid = child.pid as number
  return { pid, began: beganAt(pid) ?? '' }
}

/** Whether it still runs: the process of this id, and no other that got its id later. */
export const isRunning = ({ pid, began }: OwnedProcess): boolean => beganAt(pid) === began

/** Sends the signal, if it still runs. */
export function signal(owned: OwnedProcess, name: NodeJS.Signals): void {
  if (isRunning(owned)) process.kill(owned.pid, name)
}

/** Ends it: politely first, and by force after `patience` milliseconds. */
export async function endOwned(owned: OwnedProcess, patience = 15_000): Promise<void> {
  signal(owned, 'SIGCONT')
  signal(owned, 'SIGTERM')
  for (const deadline = Date.now() + patience; isRunning(owned) && Date.now() < deadline; ) await pause(50)
  signal(owned, 'SIGKILL')
  for (const deadline = Date.now() + 5_000; isRunning(owned) && Date.now() < deadline; ) await pause(20)
}

/** When a process began, as the system has it; undefined when there is none, or it has ended and only waits to be forgotten. */
function beganAt(pid: number): string | undefined {
  try {
    const said = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
    const [state = '', ...began] = said.trim().split(/\s+/)
    return state.startsWith('Z') ? undefined : began.join(' ')
  } catch {
    return undefined
  }
}
