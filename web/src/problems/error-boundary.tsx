import { Component, type ReactNode } from 'react'
import { textOf } from '../api/api-error.ts'
import { hrefOfRooms } from '../use-room-in-hash.ts'

/** Shows what went wrong in place of a part that cannot be drawn. With another `key` it tries again. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { failure?: unknown; hasFailed: boolean }> {
  override state: { failure?: unknown; hasFailed: boolean } = { hasFailed: false }

  static getDerivedStateFromError(failure: unknown) {
    return { failure, hasFailed: true }
  }

  override render() {
    const { failure, hasFailed } = this.state
    if (!hasFailed) return this.props.children
    return (
      <main className="no-room" role="alert">
        <h2>Something went wrong in this page</h2>
        <p className="quiet">{textOf(failure)}</p>
        <button type="button" className="primary" onClick={() => location.reload()}>
          Reload
        </button>
        <a href={hrefOfRooms} onClick={() => this.setState({ hasFailed: false })}>
          All rooms
        </a>
      </main>
    )
  }
}
