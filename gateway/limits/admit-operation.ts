import type { CheckedOperation, CheckOperation } from './operation-check.ts'
import type { OperationRate, RateCaller } from './operation-rate.ts'
import type { OperationRequest } from './operation-request.ts'

/**
 * Checks an operation and takes its points, before any of its work is done. One that is refused costs points, too. Throws what is wrong
 * with it, or `TOO_MANY_REQUESTS`.
 */
export type AdmitOperation = (request: OperationRequest, caller: RateCaller) => Promise<CheckedOperation>

export function createAdmission(check: CheckOperation, rate: OperationRate): AdmitOperation {
  return async (request, caller) => {
    rate.refuseSpent(caller)
    let checked: CheckedOperation
    try {
      checked = check(request)
    } catch (error) {
      await rate.take(caller)
      throw error
    }
    await rate.take(caller, checked.cost.points)
    return checked
  }
}
