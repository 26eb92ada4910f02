/**
 * The card of compute on Home: what the person waits for, and what is offered.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IHomeCard, IHomeItem } from '../base/home';
import { computeIcon } from './icons';
import type { Ticket } from './schemas';
import { ticketStanding, ticketTitle } from './texts';
import type { ICompute } from './tokens';

const RANK = 5;
const MOST_ITEMS = 3;

/** The card; it is shown only where a hub runs the server. */
export function homeCard(compute: ICompute, trans: TranslationBundle): IHomeCard {
  return {
    capability: 'compute',
    title: trans.__('My Server'),
    icon: computeIcon,
    rank: RANK,
    caption: trans.__(
      'Nothing is waiting. See what this lab runs on, move it, or stop it.'
    ),
    open: { command: 'compute:open' },
    next: { command: 'compute:open', label: trans.__('My Server') },
    load: async () => {
      await compute.refresh();
      return compute.tickets.slice(0, MOST_ITEMS).map(ticket => toItem(ticket, trans));
    }
  };
}

/** A request as a line of the card, which claims what is offered. */
function toItem(ticket: Ticket, trans: TranslationBundle): IHomeItem {
  const label = ticketTitle(ticket, trans);
  const meta = ticketStanding(ticket, trans);
  return ticket.state === 'offered'
    ? {
        label,
        meta,
        state: 'new',
        command: 'compute:claim',
        args: { ticket: ticket.id }
      }
    : { label, meta, state: 'running', command: 'compute:open' };
}
