import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const gateway = 'http://127.0.0.1:4000'

export default defineConfig({
  plugins: [react()],
  // Inlined assets would be data: URLs, which the page's content security policy allows for images only.
  build: { assetsInlineLimit: 0 },
  // The client package lies beside this folder, and so does what it shares with the gateway.
  server: { proxy: { '/graphql': { target: gateway, ws: true } }, fs: { allow: ['..'] } },
})
