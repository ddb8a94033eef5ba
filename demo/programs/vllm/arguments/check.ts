import type { Launch } from './launch'

const TOOL_PARSERS =
  'deepseek_v3 deepseek_v31 deepseek_v4 deepseek_v41 gemma4 glm45 glm47 granite hermes kimi_k2 llama3_json llama4_json minimax_m2 mistral openai phi4_mini_json pythonic qwen3_coder qwen3_xml step3 step3p5'.split(
    ' ',
  )
const REASONING_PARSERS =
  'deepseek_r1 deepseek_v3 deepseek_v4 deepseek_v41 gemma4 glm45 gptoss granite hunyuan_a13b kimi_k2 minimax_m2 minimax_m2_append_think mistral nemotron_v3 nano_v3 openai_gptoss qwen3 step3 step3p5 super_v3'.split(
    ' ',
  )

/** What vLLM would refuse about a launch before it looks at any weights: the last line of its traceback, or null. */
export function checkLaunch(launch: Launch): string | null {
  const { tensorParallel, pipelineParallel, nodes, ray, reasoningParser, toolParser } = launch
  const world = tensorParallel * pipelineParallel
  const local = Math.ceil(world / nodes)
  if (local > 1 && !ray) {
    return `ValueError: World size (${world}) is larger than the number of available GPUs (1) in this node. If this is intentional and you are using:\n- ray, set '--distributed-executor-backend ray'.\n- multiprocessing, set '--nnodes' appropriately.`
  }
  if (launch.utilization <= 0 || launch.utilization > 1) {
    return `pydantic_core._pydantic_core.ValidationError: 1 validation error for CacheConfig\ngpu_memory_utilization\n  Input should be less than or equal to 1 [type=less_than_equal, input_value=${launch.utilization}, input_type=float]`
  }
  if (reasoningParser && !REASONING_PARSERS.includes(reasoningParser)) {
    return `KeyError: "invalid reasoning parser: ${reasoningParser} (chose from { ${REASONING_PARSERS.join(',')} })"`
  }
  if (toolParser && !TOOL_PARSERS.includes(toolParser)) {
    return `KeyError: 'invalid tool call parser: ${toolParser} (chose from { ${TOOL_PARSERS.join(',')} })'`
  }
  return null
}
