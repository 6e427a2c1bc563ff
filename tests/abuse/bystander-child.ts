import { answerParent } from '../../bench/processes/answer-parent.ts'
import { type Bystander, openBystander } from './bystander.ts'
import type { Caller } from './operations/send-attack.ts'

let bystander: Bystander | undefined

const answers = {
  async open(caller: Caller, roomId: string) {
    bystander = await openBystander(caller, roomId)
  },
  /** Chats for so many seconds. */
  chat(seconds: number) {
    if (!bystander) throw new Error('It was not opened')
    return bystander.chat(AbortSignal.timeout(seconds * 1_000))
  },
}
/** A process of its own: what the attack takes of its own process is not the system's doing. */
export type BystanderChild = typeof answers

answerParent(answers, () => bystander?.close())
