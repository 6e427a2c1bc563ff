import type { FairTurns } from '../turns/fair-turns.ts'
import type { CheckedOperation, CheckOperation } from './operation-check.ts'
import type { OperationRate, RateCaller } from './operation-rate.ts'
import type { OperationRequest } from './operation-request.ts'

/**
 * Checks an operation and takes its points, before any of its work is done. One that is refused costs points, too. Throws what is wrong
 * with it, or `TOO_MANY_REQUESTS`.
 */
export type AdmitOperation = (request: OperationRequest, caller: RateCaller) => Promise<CheckedOperation>

export interface AdmissionOptions {
  check: CheckOperation
  rate: OperationRate
  /** Callers take turns: the operations that one sends at once do not hold up those of others. */
  turns: FairTurns
}

export function createAdmission({ check, rate, turns }: AdmissionOptions): AdmitOperation {
  return async (request, caller) => {
    rate.refuseSpent(caller)
    let checked: CheckedOperation
    try {
      checked = await turns.run(ownerOf(caller), async () => check(request))
    } catch (error) {
      await rate.take(caller)
      throw error
    }
    await rate.take(caller, checked.cost.points)
    return checked
  }
}

/** Who takes turns for a caller: each user is one owner, and each address that nobody has signed in at. */
export const ownerOf = ({ userId, clientIp }: RateCaller) => (userId ? `user ${userId}` : `address ${clientIp}`)
