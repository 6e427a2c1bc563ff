import { useSyncExternalStore } from 'react'
import type { Problems } from './problems.ts'

/** Shows the last problem above whatever the page shows, or does not show any more. */
export function ProblemNotice({ problems }: { problems: Problems }) {
  const problem = useSyncExternalStore(problems.subscribe, problems.last)
  if (problem === undefined) return null
  return (
    // As a popover it is above a dialog, too, which would hide it.
    <div className="problem-notice" role="alert" popover="manual" ref={(node) => node?.showPopover()}>
      <p>
        <strong>Something went wrong in this page.</strong> {problem}
      </p>
      <div className="row">
        <button type="button" className="primary" onClick={() => location.reload()}>
          Reload
        </button>
        <button type="button" onClick={problems.dismiss}>
          Dismiss
        </button>
      </div>
    </div>
  )
}
