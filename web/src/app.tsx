import { SignInPage } from './session/sign-in-page.tsx'
import { useSessionState } from './session/use-session-state.ts'
import { Workspace } from './workspace.tsx'

export function App() {
  const state = useSessionState()
  switch (state.status) {
    case 'starting':
      return <p className="splash">Parley</p>
    case 'unreachable':
      return (
        <p className="splash" role="status">
          The server cannot be reached. Trying again…
        </p>
      )
    case 'signed-out':
      return <SignInPage note={state.note} />
    case 'signed-in':
      return <Workspace key={state.viewer.userId} viewer={state.viewer} />
  }
}
