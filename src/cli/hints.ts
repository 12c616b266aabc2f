import type { Command } from 'commander'

/** Adds to what commander says of an argument too many what was probably meant: a pipeline file, or a log. */
export function hintAt(command: Command): Command {
  return command.configureOutput({
    outputError: (text, write) => {
      const stray = command.args[command.registeredArguments.length]
      const hint = stray !== undefined && /too many arguments|unknown command/.test(text) && suggestion(command, stray)
      write(hint ? `${text.trimEnd()}\n(Did you mean: ${hint}?)\n` : text)
    },
  })
}

function suggestion(command: Command, stray: string): string | undefined {
  const isProgram = command.parent === null
  const words = isProgram ? ['run'] : [command.name(), ...command.args.slice(0, command.registeredArguments.length)]
  if (/\.ya?ml$/i.test(stray)) return `contraflow ${words.join(' ')} -c ${stray}`
  if (isProgram) return /\.(ndjson|jsonl|csv|tsv|gz)$/i.test(stray) ? `contraflow replay ${stray}` : undefined
  return command.options.some(({ long }) => long === '--config')
    ? `contraflow ${command.name()} -c ${stray}`
    : undefined
}
