import { ApolloProvider } from '@apollo/client/react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { ErrorBoundary } from './problems/error-boundary.tsx'
import { ProblemNotice } from './problems/problem-notice.tsx'
import { createProblems, watchPage } from './problems/problems.ts'
import { createServices, ServicesContext } from './services.ts'
import './styles/base.css'
import './styles/controls.css'
import './styles/dialog.css'
import './styles/sign-in.css'
import './styles/workspace.css'
import './styles/sidebar.css'
import './styles/room.css'
import './styles/messages.css'
import './styles/members.css'
import './styles/problems.css'

const problems = createProblems()
watchPage(window, problems)
// A root of its own: it has to be there when the page could not be drawn at all.
createRoot(document.body.appendChild(document.createElement('div'))).render(<ProblemNotice problems={problems} />)

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root.')

const services = createServices()
void services.session.start()

createRoot(root).render(
  <ErrorBoundary>
    <ServicesContext value={services}>
      <ApolloProvider client={services.client}>
        <App />
      </ApolloProvider>
    </ServicesContext>
  </ErrorBoundary>,
)
