// What the server cannot do: keep ages true, tell times in the viewer's zone, copy, say that the connection is lost, follow a log.

document.documentElement.classList.add('scripted')

const units = [
  ['d', 86400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
]
const zoned = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })

// The controller's clock counts, not this device's: a phone may be minutes off.
let ahead = 0
const setClock = (now) => {
  if (!Number.isNaN(Date.parse(now))) ahead = Date.parse(now) - Date.now()
}
setClock(document.querySelector('meta[name="spark-now"]')?.content)

function inOneUnit(seconds) {
  const [name, size] = units.find(([, length]) => seconds >= length) ?? ['s', 1]
  return `${Math.floor(seconds / size)} ${name}`
}

function age(seconds) {
  if (seconds === 0) return 'just now'
  return seconds > 0 ? `${inOneUnit(seconds)} ago` : `in ${inOneUnit(-seconds)}`
}

function tick() {
  for (const element of document.querySelectorAll('time[data-age], time[data-lasting]')) {
    const time = Date.parse(element.dateTime)
    if (Number.isNaN(time)) continue
    const seconds = Math.trunc((Date.now() + ahead - time) / 1000)
    const text = 'age' in element.dataset ? age(seconds) : inOneUnit(Math.max(0, seconds))
    if (element.textContent !== text) element.textContent = text
    element.title = zoned.format(time)
  }
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const days = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' })

// What is one day in UTC may be two where the viewer is.
function inOwnZone() {
  let before = null
  for (const element of document.querySelectorAll('time[data-clock], time[data-day]')) {
    const time = Date.parse(element.dateTime)
    if (Number.isNaN(time)) continue
    const text = ('day' in element.dataset ? days : clock).format(time)
    if (element.textContent !== text) element.textContent = text
    element.title = zoned.format(time)
    if (!('day' in element.dataset)) continue
    const list = element.closest('ol, ul')
    element.classList.toggle('told', before?.list === list && before.text === text)
    before = { list, text }
  }
}

function nameZone() {
  for (const input of document.querySelectorAll('input[data-zone]'))
    if (input.value === input.defaultValue) input.value = Intl.DateTimeFormat().resolvedOptions().timeZone
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy)
  const before = button.textContent
  button.textContent = (await written(source)) ? 'Copied' : 'Select and copy it'
  setTimeout(() => {
    button.textContent = before
  }, 2000)
}

// The clipboard of the browser exists only over https; on a LAN the page comes over plain http.
async function written(source) {
  try {
    await navigator.clipboard.writeText(source.textContent)
    return true
  } catch {
    const selection = getSelection()
    selection.selectAllChildren(source)
    const done = document.execCommand('copy')
    if (done) selection.removeAllRanges()
    return done
  }
}

let connection = null
let lostSoon = null
let heardAt = Date.now()
let beats = false

function lost() {
  // A stream that comes back at once is not worth a banner.
  lostSoon ??= setTimeout(() => {
    document.getElementById('lost').hidden = false
  }, 1500)
}

function back() {
  clearTimeout(lostSoon)
  lostSoon = null
  heardAt = Date.now()
  document.getElementById('lost').hidden = true
}

// A link that died without a word gives no error: silence for three beats is one.
function listen() {
  if (!beats || document.hidden || Date.now() - heardAt < 20000) return
  heardAt = Date.now()
  lost()
  connection?.reader?.cancel()
}

const atEnd = new WeakMap()

function followLogs() {
  for (const log of document.querySelectorAll('[data-log]'))
    if (atEnd.get(log) !== false) log.scrollTop = log.scrollHeight
}

const mostShown = 200000

// A log that is followed goes in as text: what a container prints is never markup.
function follow(log) {
  const source = new EventSource(log.dataset.follow)
  const add = (text) => {
    log.textContent = (log.textContent + text).slice(-mostShown)
    followLogs()
  }
  source.addEventListener('start', () => {
    log.textContent = ''
  })
  source.onmessage = ({ data }) => add(`${data}\n`)
  source.addEventListener('problem', ({ data }) => add(`… ${data}\n`))
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED && following.get(log) === source) {
      following.delete(log)
      log.textContent ||= 'The log cannot be read now; it is tried again.'
    }
  }
  return source
}

const following = new Map()

// A page that nobody looks at costs no connection and no work on the Spark.
function followShown() {
  for (const [log, source] of following) {
    if (!document.hidden && log.isConnected) continue
    source.close()
    following.delete(log)
  }
  if (document.hidden) return
  for (const log of document.querySelectorAll('[data-follow]')) if (!following.has(log)) following.set(log, follow(log))
}

const on = (name, act) => document.addEventListener(name, act)
const isStream = (event) => event.target.hasAttribute?.('hx-sse:connect')

on('click', (event) => {
  const button = event.target.closest?.('[data-copy]')
  if (button) copy(button)
})
on('htmx:sse:after:connection', (event) => {
  connection = event.detail.connection
  if (connection.status < 400) back()
  else lost()
})
on('htmx:sse:before:connection', (event) => {
  if (event.detail.connection.attempt > 0) lost()
})
on('htmx:sse:before:message', back)
on('htmx:sse:error', lost)
on('htmx:sse:close', lost)
on('htmx:error', (event) => isStream(event) && lost())
on('htmx:response:error', (event) => isStream(event) && lost())
on('tick', (event) => {
  beats = true
  setClock(event.detail?.data)
})
on('htmx:after:swap', () => {
  tick()
  inOwnZone()
  followLogs()
})
document.addEventListener(
  'scroll',
  ({ target }) => {
    if (target.dataset && 'log' in target.dataset)
      atEnd.set(target, target.scrollTop + target.clientHeight > target.scrollHeight - 8)
  },
  true,
)
document.addEventListener('toggle', followLogs, true)
document.addEventListener('visibilitychange', () => {
  heardAt = Date.now()
  tick()
  followShown()
})
addEventListener('pagehide', () => clearTimeout(lostSoon))

tick()
inOwnZone()
nameZone()
followLogs()
followShown()
setInterval(() => {
  tick()
  listen()
}, 1000)
// Also tries anew what was refused.
setInterval(followShown, 5000)
