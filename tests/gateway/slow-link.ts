import { type Link, startLink } from '../failures/link.ts'
import { eventually } from './raw-socket.ts'

/** A link on which only so many bytes a second come back from the server. */
export const startSlowLink = (target: string, bytesPerSecond: number): Promise<Link> =>
  startLink(target, { toClient: { bytesPerSecond } })

/** Waits until the condition holds. Throws once nothing comes through the link any more, however long that takes. */
export async function whileBytesMove(link: Link, condition: () => boolean, what: string): Promise<void> {
  for (let before = -1; !condition(); ) {
    if (link.bytes() === before) throw new Error(`Nothing moves any more: ${what}. ${before} bytes have come.`)
    before = link.bytes()
    await eventually(() => condition() || link.bytes() > before, what)
  }
}
