/** One line of the doctor's report. */
export interface Check {
  ok: boolean
  /** `host:spark-1`, `service:llm`. */
  subject: string
  text: string
  remedy: string | null
}

// Read-only: every line is `name<TAB>value`, and what is not there says so.
const script = `
dir=$1
case $dir in "~/"*) dir="$HOME/\${dir#"~/"}" ;; esac
say() { printf '%s\\t%s\\n' "$1" "$2"; }
say user "$(id -un 2>/dev/null)"
docker version --format '{{.Server.Version}}' >/dev/null 2>&1 && say docker ok || say docker "$(docker version 2>&1 | tail -1)"
if [ -n "$dir" ]; then
  [ -x "$dir/launch-cluster.sh" ] && say launcher ok || say launcher missing
  [ -f "$dir/.env" ] && say env ok || say env missing
fi
[ "$(nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null)" = "NVIDIA GB10" ] && say gpu ok || say gpu "$(nvidia-smi --query-gpu=name --format=csv,noheader 2>&1 | head -1)"
if command -v uvx >/dev/null 2>&1; then say uvx ok; elif [ -x "$HOME/.local/bin/uvx" ]; then say uvx path; else say uvx missing; fi
say linger "$(loginctl show-user "$(id -un)" -p Linger --value 2>/dev/null)"
hub=\${HF_HUB_CACHE:-\${HUGGINGFACE_HUB_CACHE:-\${HF_HOME:-\${XDG_CACHE_HOME:-$HOME/.cache}/huggingface}/hub}}
[ -d "$hub" ] && say cache "$hub" || say cache missing
say free "$(df -kP "$HOME" 2>/dev/null | tail -1 | while read -r _ _ _ free _; do echo "$free"; done)"
say clock "$(date +%s)"
`

/** The one round trip of an examination. @param launcher folder, or empty where the host launches nothing */
export function examinationCommand(launcher: string): string[] {
  return ['sh', '-c', script, 'spark-control-doctor', launcher]
}

/** Reads the script's answers into what is right and what is wrong, each wrong with its remedy. */
export function readExamination(host: string, text: string, nowSeconds: number, launcher: string | null): Check[] {
  const said = new Map(text.split('\n').map((line) => line.split('\t') as [string, string | undefined]))
  const get = (name: string) => said.get(name) ?? ''
  const subject = `host:${host}`
  const check = (ok: boolean, right: string, wrong: string, remedy: string): Check =>
    ok ? { ok, subject, text: right, remedy: null } : { ok, subject, text: wrong, remedy }
  const freeGib = Number(get('free')) / 1024 / 1024
  const skew = Math.abs(Number(get('clock')) - nowSeconds)
  const checks = [
    check(
      get('docker') === 'ok',
      'docker answers',
      `docker does not answer: ${get('docker').slice(0, 120)}`,
      `sudo usermod -aG docker ${get('user')}, then log in anew`,
    ),
    check(
      get('gpu') === 'ok',
      'nvidia-smi sees the GB10',
      `nvidia-smi does not see a GB10: ${get('gpu').slice(0, 80)}`,
      'check the driver (580.x) with nvidia-smi',
    ),
    // Non-interactive shells lack ~/.local/bin; every command of ours adds it.
    check(
      get('uvx') !== 'missing',
      'uvx is installed',
      'uvx is not installed',
      'install uv: it brings uvx, which downloads models',
    ),
    check(
      get('cache') !== 'missing' && get('cache') !== '',
      `model cache at ${get('cache')}`,
      'no Hugging Face cache',
      'it is made by the first download; if models lie elsewhere, set HF_HOME for non-interactive shells',
    ),
    check(
      freeGib >= 50,
      `${Math.round(freeGib)} GiB of disk free`,
      `only ${Math.round(freeGib)} GiB of disk free`,
      'delete models that are no longer used',
    ),
    check(
      skew <= 5,
      'the clock agrees',
      `the clock differs by ${Math.round(skew)} s`,
      'turn time synchronisation on: timedatectl set-ntp true',
    ),
    check(
      get('linger') !== 'no',
      'processes outlive the login',
      'Linger is off: with RemoveIPC a model on several Sparks can hang when a login ends',
      `sudo loginctl enable-linger ${get('user')}`,
    ),
  ]
  if (launcher === null) return checks
  return [
    ...checks,
    check(
      get('launcher') === 'ok',
      `launch-cluster.sh is in ${launcher}`,
      `launch-cluster.sh is not in ${launcher}`,
      `clone spark-vllm-docker there, or correct hosts.${host}.launcher`,
    ),
    check(
      get('env') === 'ok',
      'the launcher has its .env',
      'the launcher has no .env',
      'on several Sparks, run ./launch-cluster.sh --setup there once, by hand',
    ),
  ]
}
