import { isGenerated, isSource } from './file-kinds.ts'
import type { Rule } from './import-rules.ts'

/** What is undefined in a page that was opened over HTTP by another name than localhost, as MDN lists it. */
const secureOnly = new RegExp(
  [
    String.raw`\brandomUUID\b`,
    String.raw`\bcrypto(\?)?\s*\.\s*subtle\b`,
    String.raw`\bnavigator(\?)?\s*\.\s*(locks|clipboard|serviceWorker|storage|credentials|mediaDevices|geolocation|share|canShare|wakeLock|permissions|bluetooth|usb|serial|hid|keyboard|requestMIDIAccess|requestMediaKeySystemAccess|setAppBadge|userAgentData|storageBuckets|getBattery|gpu|xr)\b`,
    String.raw`\bnew Notification\b|\bNotification\s*\.|\bPushManager\b|\bPaymentRequest\b`,
    String.raw`\b(window|self|globalThis)\s*\.\s*caches\b|(?<![.\w])caches\s*\.|\bcookieStore\b|\bshowOpenFilePicker\b|\bshowSaveFilePicker\b`,
    String.raw`\bWebTransport\b|\bIdleDetector\b|\bAudioWorklet\b|\bmeasureUserAgentSpecificMemory\b`,
  ].join('|'),
)

const home = 'web/src/secure-context.ts'

export const secureContextsAreNotNeeded: Rule = (files) =>
  files
    .filter(({ path }) => /^(web\/src|client)\//.test(path) && isSource(path) && !isGenerated(path) && path !== home)
    .filter(({ code }) => secureOnly.test(code))
    .map(({ path, code }) => `${path} uses ${secureOnly.exec(code)?.[0]}, which plain HTTP does not have: see ${home}`)
