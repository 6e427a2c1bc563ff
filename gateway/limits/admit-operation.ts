import type { FairTurns } from '../turns/fair-turns.ts'
import { ownerOf } from '../turns/owner.ts'
import { basePoints, pointsOfRefusedSelection } from './cost/measure-operation.ts'
import type { CheckedOperation, CheckOperation } from './operation-check.ts'
import type { OperationRate, RateCaller } from './operation-rate.ts'
import type { OperationRequest } from './operation-request.ts'

/**
 * Checks an operation and takes its points, before any of its work is done. One that is refused costs points, too: the base, and some for
 * each selection that was walked until it was. Throws what is wrong with it, `TOO_MANY_REQUESTS`, or `UNAVAILABLE` when nobody waited for
 * it any more.
 */
export type AdmitOperation = (
  request: OperationRequest,
  caller: RateCaller,
  /** Aborted when nobody waits for it any more: then it is not checked, if it has not been yet. */
  gone?: AbortSignal,
) => Promise<CheckedOperation>

export interface AdmissionOptions {
  check: CheckOperation
  rate: OperationRate
  /** Callers take turns: the operations that one sends at once do not hold up those of others. */
  turns: FairTurns
}

export function createAdmission({ check, rate, turns }: AdmissionOptions): AdmitOperation {
  return async (request, caller, gone) => {
    rate.refuseSpent(caller)
    const walked = { selections: 0 }
    let checked: CheckedOperation
    try {
      checked = await turns.run(ownerOf(caller), async () => check(request, walked), { signal: gone })
    } catch (error) {
      await rate.take(caller, basePoints + pointsOfRefusedSelection * walked.selections)
      throw error
    }
    await rate.take(caller, checked.cost.points)
    return checked
  }
}
