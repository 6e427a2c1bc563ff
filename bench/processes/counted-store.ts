import type { ChatStore } from '../../subgraphs/chat/store/chat-store.ts'

/** The store, and how often each of its functions was called, by a name such as `log.read`. */
export function countCalls(store: ChatStore): { store: ChatStore; calls: Record<string, number> } {
  const calls: Record<string, number> = {}
  const counted = <T extends object>(part: string, of: T): T =>
    new Proxy(of, {
      get(target, name, receiver) {
        const value = Reflect.get(target, name, receiver)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          calls[`${part}.${String(name)}`] = (calls[`${part}.${String(name)}`] ?? 0) + 1
          return value.apply(target, args)
        }
      },
    })
  return { store: { ...store, log: counted('log', store.log), state: counted('state', store.state) }, calls }
}
