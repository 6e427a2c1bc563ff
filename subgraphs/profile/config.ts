/** Where the profile subgraph listens. Port 0 takes any free one. */
export interface ProfileConfig {
  host: string
  port: number
}
