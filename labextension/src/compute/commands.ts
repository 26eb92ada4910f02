/**
 * The commands of compute.
 */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon, refreshIcon, stopIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Widget } from '@lumino/widgets';

import { toError } from '../base/errors';
import { register, type Args, type ICommand } from '../base/registry';
import { computeIcon } from './icons';
import { launchOptions } from './options';
import type { Budget, Ticket, TicketIn } from './schemas';
import { tightestBudget } from './texts';
import type { ICompute } from './tokens';

export const CommandIDs = {
  open: 'compute:open',
  move: 'compute:move',
  claim: 'compute:claim',
  cancel: 'compute:cancel',
  stop: 'compute:stop',
  extend: 'compute:extend',
  askForMore: 'compute:ask-for-more',
  refresh: 'compute:refresh'
} as const;

/** Shows the tab and the dialogs; each is loaded when it is first shown. */
export interface IOpener {
  /** Show the server, its requests and the other servers. */
  open(): Widget;
  /** Ask which profile to move to; null when the person cancels. */
  chooseProfile(): Promise<TicketIn | null>;
  /** Ask how much more of a budget is needed, and ask the hub for it; whether it was sent. */
  askForMore(budget: Budget): Promise<boolean>;
  /** Ask whether this server may be stopped and started anew; running kernels end. */
  confirmMove(ticket: Ticket): Promise<boolean>;
  /** Ask whether a server may be stopped; this one if none is named. */
  confirmStop(name?: string): Promise<boolean>;
  /** Save every open document, before the server is stopped. */
  saveAll(): Promise<void>;
  /** Show the hub's page of this server, which has been stopped, in the place of the lab. */
  leave(): void;
}

export interface ICommandOptions {
  commands: CommandRegistry;
  compute: ICompute;
  opener: IOpener;
  trans: TranslationBundle;
}

/** Register the commands. */
export function addCommands(options: ICommandOptions): void {
  const { commands, compute, trans } = options;
  register(commands, trans, openCommand(options));
  const all = {
    ...moveCommand(options),
    ...ticketCommands(options),
    ...serverCommands(options),
    ...allowanceCommands(options)
  };
  register(commands, trans, all, trans.__('Compute'));
  compute.changed.connect(() => commands.notifyCommandChanged());
}

function openCommand({ opener, trans }: ICommandOptions): Record<string, ICommand> {
  return {
    [CommandIDs.open]: {
      label: trans.__('My Server'),
      caption: trans.__(
        'What this lab runs on, what you wait for, and your other servers'
      ),
      icon: computeIcon,
      run: () => Promise.resolve(opener.open())
    }
  };
}

function moveCommand(options: ICommandOptions): Record<string, ICommand> {
  const { compute, opener, trans } = options;
  return {
    [CommandIDs.move]: {
      label: trans.__('Move or Resize Server…'),
      caption: trans.__(
        'Start this server anew with another profile as soon as its pool has room; files and open tabs stay'
      ),
      icon: computeIcon,
      enabled: () => compute.choices?.is_required === true,
      guard: ['profile', 'project', 'start'],
      args: {
        profile: {
          type: 'string',
          description: trans.__(
            'The profile to move to; without it, a list to choose from is shown.'
          )
        },
        project: {
          type: 'string',
          description: trans.__('The project that the server works for.')
        },
        start: {
          type: 'boolean',
          description: trans.__(
            'Whether the server is started anew without asking, as soon as there is room.'
          )
        }
      },
      run: async ({ profile, project, start }) => {
        const request =
          typeof profile === 'string'
            ? {
                options: launchOptions(
                  profile,
                  typeof project === 'string' ? project : '',
                  compute.choices
                ),
                auto_claim: start === true
              }
            : await opener.chooseProfile();
        if (!request) {
          return null;
        }
        if (request.auto_claim) {
          await opener.saveAll();
        }
        const ticket = await compute.request(request);
        opener.open();
        return ticket.id;
      }
    }
  };
}

function ticketCommands(options: ICommandOptions): Record<string, ICommand> {
  const { compute, opener, trans } = options;
  return {
    [CommandIDs.claim]: {
      label: trans.__('Claim Offer'),
      caption: trans.__('Take the devices that are held for you, and start with them'),
      icon: computeIcon,
      guard: ['ticket'],
      args: ticketArgument(trans),
      enabled: ({ ticket }) => ticket !== undefined || compute.tickets.some(isOffered),
      run: async args => {
        const ticket = ticketOf(compute, args, isOffered, trans);
        if (ticket.is_move && !(await opener.confirmMove(ticket))) {
          return null;
        }
        if (ticket.is_move) {
          await opener.saveAll();
        }
        const { id } = await compute.claim(ticket.id);
        return id;
      }
    },
    [CommandIDs.cancel]: {
      label: trans.__('Cancel Request'),
      caption: trans.__('Do not wait for devices any more; an offer goes to the next'),
      icon: closeIcon,
      guard: ['ticket'],
      args: ticketArgument(trans),
      enabled: ({ ticket }) => ticket !== undefined || compute.tickets.length > 0,
      run: async args => {
        const { id } = ticketOf(compute, args, () => true, trans);
        await compute.cancel(id);
        return id;
      }
    }
  };
}

function serverCommands(options: ICommandOptions): Record<string, ICommand> {
  const { compute, opener, trans } = options;
  return {
    [CommandIDs.stop]: {
      label: trans.__('Stop Server…'),
      caption: trans.__('Stop a server, which gives its devices back; files stay'),
      icon: stopIcon,
      enabled: () => compute.isAtHub,
      guard: 'asks',
      args: {
        server: {
          type: 'string',
          description: trans.__(
            'The name of the server, empty for the default one; this server if not given.'
          )
        }
      },
      run: async ({ server }) => {
        const name = server as string | undefined;
        const isOwn = name === undefined || name === compute.current?.name;
        if (!(await opener.confirmStop(isOwn ? undefined : name))) {
          return false;
        }
        if (isOwn) {
          await opener.saveAll();
        }
        await compute.stopServer(isOwn ? undefined : name);
        if (isOwn) {
          opener.leave();
        }
        return true;
      }
    },
    [CommandIDs.refresh]: {
      label: trans.__('Refresh Server'),
      caption: trans.__(
        'Ask the hub again what this lab runs on and what you wait for'
      ),
      icon: refreshIcon,
      run: () => compute.refresh()
    }
  };
}

/** Only where the server offers budgets and limits for idle servers. */
function allowanceCommands(options: ICommandOptions): Record<string, ICommand> {
  const { compute, opener, trans } = options;
  return {
    [CommandIDs.extend]: {
      label: trans.__('Extend Server'),
      caption: trans.__('Put off that this server is stopped because it is idle'),
      visible: () => compute.hasAllowance,
      enabled: () => (compute.use?.culling.extensions_left ?? 0) > 0,
      run: async () => {
        const { extension_minutes: minutes } = await compute.extend();
        Notification.success(
          trans.__('This server stays for another %1 min at least.', minutes)
        );
        return minutes;
      }
    },
    [CommandIDs.askForMore]: {
      label: trans.__('Ask for More Budget…'),
      caption: trans.__('Ask an administrator for more of a budget'),
      visible: () => compute.hasAllowance,
      enabled: () => (compute.budgets?.budgets.length ?? 0) > 0,
      guard: 'asks',
      args: {
        budget: {
          type: 'integer',
          description: trans.__(
            'The id of the budget; the one that is used up first if not given.'
          )
        }
      },
      run: async ({ budget: id }) => {
        const budget =
          id === undefined
            ? tightestBudget(compute)
            : compute.budgets?.budgets.find(other => other.id === id);
        if (!budget) {
          throw toError({
            code: 'not_found',
            message: trans.__('There is no such budget'),
            remedy: trans.__('Look at the budgets of this server.')
          });
        }
        if (await opener.askForMore(budget)) {
          Notification.success(trans.__('You asked for more; you get a notice.'));
          return budget.id;
        }
        return null;
      }
    }
  };
}

function ticketArgument(trans: TranslationBundle): ICommand['args'] {
  return {
    ticket: {
      type: 'integer',
      description: trans.__('The id of the request; needed if there are several.')
    }
  };
}

/** The request that is meant: the one that is named, or the only one it can be. */
function ticketOf(
  compute: ICompute,
  { ticket: id }: Args,
  mayBe: (ticket: Ticket) => boolean,
  trans: TranslationBundle
): Ticket {
  const tickets = compute.tickets.filter(ticket =>
    id === undefined ? mayBe(ticket) : ticket.id === id
  );
  if (tickets.length !== 1) {
    throw toError({
      code: 'not_found',
      message:
        tickets.length > 1
          ? trans.__('It is not clear which request is meant')
          : trans.__('There is no such request'),
      remedy: trans.__('Choose one in "My Server".')
    });
  }
  return tickets[0];
}

function isOffered({ state }: Ticket): boolean {
  return state === 'offered';
}
