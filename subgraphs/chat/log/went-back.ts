/** The log no longer holds an event that it held: its store went back to an earlier state, such as a restored backup. */
export class LogWentBack extends Error {
  override name = 'LogWentBack'

  constructor(roomId: string) {
    super(`The log of room ${roomId} went back to an earlier state`)
  }
}
