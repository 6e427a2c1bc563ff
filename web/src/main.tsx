import { ApolloProvider } from '@apollo/client/react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
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

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root.')

const services = createServices()
void services.session.start()

createRoot(root).render(
  <ServicesContext value={services}>
    <ApolloProvider client={services.client}>
      <App />
    </ApolloProvider>
  </ServicesContext>,
)
