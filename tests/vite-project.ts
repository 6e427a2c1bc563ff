import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

const serve = `
  const { createServer } = await import('vite')
  const folder = process.argv[1]
  const server = await createServer({ root: folder, cacheDir: folder + '/.vite', configFile: false, logLevel: 'error', server: { port: 0 } })
  await server.listen()
  console.log(server.resolvedUrls.local[0])
`

const page = `<!doctype html><html lang="en"><head><title>Another project</title></head>
  <body><script type="module" src="/main.js"></script></body></html>`

/** A Vite project of somebody else with `@parley/client` in it, as `npm install <folder>` leaves it, served as `vite` does. */
export interface ViteProject {
  url: string
  stop(): Promise<void>
}

export async function startViteProject(main: string): Promise<ViteProject> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-vite-'))
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, '@parley'), { recursive: true })
  await symlink(join(root, 'client'), join(modules, '@parley/client'))
  await symlink(join(root, 'node_modules/graphql-ws'), join(modules, 'graphql-ws'))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await writeFile(join(folder, 'index.html'), page)
  await writeFile(join(folder, 'main.js'), main)
  // In a process of its own: Vite's bundler does not run inside Jest.
  const child = spawn(process.execPath, ['--input-type=module', '--eval', serve, folder], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [first] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    url: String(first).trim(),
    async stop() {
      child.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}
