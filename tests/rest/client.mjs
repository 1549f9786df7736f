// supabase-js as an app uses it, on every Node.js that Debian ships.

// Its import warns about Node.js older than 22, because of its realtime part; what is used here runs there too.
const warn = console.warn
console.warn = () => {}
const supabase = await import('@supabase/supabase-js')
console.warn = warn

// Older Node.js has no WebSocket; nothing here opens one, but the client wants to know a class.
class NoWebSocket {}

/** A client for one caller: `key` is the project's API key, `token` the signed-in person's JWT, if there is one. */
export function createClient(url, key, { token, headers = {}, schema = 'public' } = {}) {
  return supabase.createClient(url, key, {
    accessToken: async () => token ?? key,
    auth: { persistSession: false, autoRefreshToken: false },
    db: { schema },
    global: { headers },
    realtime: { transport: globalThis.WebSocket ?? NoWebSocket },
  })
}
