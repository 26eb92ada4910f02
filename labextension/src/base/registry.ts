/**
 * Commands that say what they are, check what they are given, and tell the person what went wrong.
 */
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { validate } from 'jsonschema';

import { toError } from './errors';
import { notifyError } from './notify';

/** The arguments of a command. */
export type Args = ReadonlyPartialJSONObject;

/** A command and all that it says of itself. */
export interface ICommand {
  label: string | ((args: Args) => string);
  caption: string | ((args: Args) => string);
  icon?: LabIcon | ((args: Args) => LabIcon);
  /** JSON schemas of the arguments by name; others are refused. */
  args?: ReadonlyJSONObject;
  /** Names of the arguments that it cannot do without. */
  required?: readonly string[];
  enabled?: (args: Args) => boolean;
  visible?: (args: Args) => boolean;
  toggled?: (args: Args) => boolean;
  run: (args: Args) => Promise<unknown> | void;
}

// What the lab itself adds to the arguments: where a command was chosen, and how.
const OF_THE_LAB = [
  '_luminoEvent',
  'cwd',
  'isContextMenu',
  'isLauncher',
  'isMenu',
  'isPalette',
  'toolbar'
];

/**
 * Add commands by their ids.
 *
 * A command that fails rejects, for whoever executed it; the person is told once.
 *
 * In the palette, which mixes the commands of all, the title of the capability stands before their labels.
 */
export function register(
  commands: CommandRegistry,
  trans: TranslationBundle,
  all: Record<string, ICommand>,
  capability = ''
): void {
  for (const [id, command] of Object.entries(all)) {
    const schema = schemaOf(command);
    const text = (value: ICommand['label'], args: Args): string =>
      typeof value === 'string' ? value : value(args);
    commands.addCommand(id, {
      label: args => {
        const label = text(command.label, args);
        return args.isPalette && capability ? `${capability}: ${label}` : label;
      },
      caption: args => text(command.caption, args),
      icon: args => (args.isPalette ? undefined : iconOf(command, args)),
      isEnabled: command.enabled,
      isVisible: command.visible,
      isToggled: command.toggled,
      isToggleable: command.toggled !== undefined,
      describedBy: { args: schema },
      execute: async args => {
        try {
          checkArgs(id, schema, args, trans);
          return (await command.run(args)) ?? null;
        } catch (error) {
          notifyError(error, trans);
          throw error;
        }
      }
    });
  }
}

function schemaOf({ args = {}, required = [] }: ICommand): ReadonlyJSONObject {
  return { type: 'object', properties: args, required, additionalProperties: false };
}

/** Throw unless the arguments are what the command says of them. */
function checkArgs(
  id: string,
  schema: ReadonlyJSONObject,
  args: Args,
  trans: TranslationBundle
): void {
  const given = Object.entries(args).filter(
    // What is undefined here is absent in JSON.
    ([name, value]) => value !== undefined && !OF_THE_LAB.includes(name)
  );
  const [error] = validate(Object.fromEntries(given), schema).errors;
  if (error) {
    throw toError({
      code: 'invalid',
      message: trans.__(
        '"%1" does not take these arguments: %2',
        id,
        error.stack.replace(/^instance\.?\s*/, '')
      )
    });
  }
}

function iconOf({ icon }: ICommand, args: Args): LabIcon | undefined {
  return typeof icon === 'function' ? icon(args) : icon;
}

/** Offer commands in the palette, each with the arguments that it is to get. */
export function addToPalette(
  palette: ICommandPalette | null,
  trans: TranslationBundle,
  items: readonly (readonly [string, Args?])[]
): void {
  const category = trans.__('Orrery');
  items.forEach(([command, args]) =>
    palette?.addItem({ command, args: { ...args, isPalette: true }, category })
  );
}
