import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { localServers } from './local-servers.ts'
import { findProgram } from './programs.ts'
import { type ServerName, serverNames } from './server.ts'
import { findJar, jarsFolder, javaFolder } from './servers/jars.ts'

/** Debian's packages for each server; `maven` stands for the jars that Maven brings. */
const needs: Record<ServerName, { packages: string[]; maven?: true }> = {
  mysql: { packages: ['mariadb-server'] },
  mongodb: { packages: ['openjdk-17-jre-headless'], maven: true },
  redis: { packages: ['redis-server'] },
  kafka: { packages: ['openjdk-17-jre-headless'], maven: true },
}

/** What is missing, and the command that installs it. */
export function installHint(missing: ServerName[]): string {
  const lines = missing.map((name) => {
    const { packages, maven } = needs[name]
    const { title, variable } = localServers[name]
    return `  - ${title}: set ${variable}, or install ${packages.join(', ')}${maven ? ' and the jars of dev/stack/java/pom.xml' : ''}`
  })
  return [
    'Missing on this machine:',
    ...lines,
    'On Debian, this installs all of it: npm run stack -- install',
    '',
  ].join('\n')
}

/** Installs what is missing, with apt and Maven. Throws when either fails. */
export function install(say: (line: string) => void): void {
  const missing = serverNames.filter((name) => localServers[name].found() === undefined)
  if (missing.length === 0) {
    say('Nothing is missing.')
    return
  }
  const java = missing.some((name) => needs[name].maven)
  const programs = new Set(missing.flatMap((name) => needs[name].packages))
  if (findProgram('java')) programs.delete('openjdk-17-jre-headless')
  if (java && !findProgram('mvn')) programs.add('maven')
  if (programs.size > 0) {
    if (!findProgram('apt-get'))
      throw new Error(`This machine has no apt-get: install ${[...programs].join(', ')} yourself`)
    say(`Installing ${[...programs].join(', ')} …`)
    runLoudly('apt-get', ['update', '-qq'])
    runLoudly('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...programs])
  }
  if (java && !(findJar('kafka_2.13') && findJar('mongo-java-server-core'))) {
    say('Bringing Kafka and the stand-in for mongod from Maven Central …')
    runLoudly('mvn', ['-q', '-B', '-f', javaFolder, 'dependency:copy-dependencies', `-DoutputDirectory=${jarsFolder}`])
  }
  const still = serverNames.filter((name) => localServers[name].found() === undefined)
  if (still.length > 0) throw new Error(installHint(still))
  say('Everything is here.')
}

function runLoudly(program: string, args: string[]): void {
  const asRoot = program === 'apt-get' && process.getuid?.() !== 0 ? ['sudo', program] : [program]
  const [command = program, ...before] = asRoot
  const { status } = spawnSync(command, [...before, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 900_000,
  })
  if (status !== 0) throw new Error(`${[command, ...before, ...args].join(' ')} failed`)
}
