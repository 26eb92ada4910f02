/**
 * The dialogs of compute: choose a profile to move to, and ask for more of a budget.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Select, TextField } from '../base/controls';
import { askWithForm, FormBody } from '../base/formdialog';
import { launchOptions } from './options';
import type { Budget, ProfileChoice, Ticket, TicketIn } from './schemas';
import { budgetText, rangeText, resourceFacts, ticketStanding, unitOf } from './texts';
import type { ICompute } from './tokens';

const REASON_LENGTH = 1_000;
const MICROS = 1_000_000;

/** Ask which profile to move to; null when the person cancels. */
export async function chooseProfile(
  compute: ICompute,
  trans: TranslationBundle
): Promise<TicketIn | null> {
  const form = new MoveForm(compute, trans);
  const isDone = await askWithForm(form, {
    title: trans.__('Move or Resize This Server'),
    accept: { label: trans.__('Move Server') },
    focusNodeSelector: 'input[type="radio"]:not(:disabled)'
  });
  return isDone ? form.request : null;
}

/** Ask how much more of a budget is needed, and send it; whether it was sent. */
export function askForMore(
  compute: ICompute,
  budget: Budget,
  trans: TranslationBundle
): Promise<boolean> {
  return askWithForm(new BudgetForm(compute, budget, trans), {
    title: trans.__('Ask for More Budget'),
    accept: { label: trans.__('Send Request') }
  });
}

class MoveForm extends FormBody {
  constructor(
    private readonly _compute: ICompute,
    trans: TranslationBundle
  ) {
    super(trans);
    this.addClass('orrery-compute-move');
  }

  /** What was chosen. */
  get request(): TicketIn {
    return {
      options: launchOptions(this._profile, this._project, this._compute.choices),
      auto_claim: this._isAutomatic
    };
  }

  override invalidField(): string | undefined {
    const chosen = this._chosen();
    if (!chosen) {
      return 'profile';
    }
    return chosen.needs_project && !this._project ? 'project' : undefined;
  }

  protected override renderFields(): JSX.Element {
    const { trans } = this;
    const profiles = this._compute.choices?.profiles ?? [];
    const chosen = this._chosen();
    return (
      <>
        <p>
          {trans.__(
            'The server is stopped and started anew as soon as the pool has room. Files and open tabs stay; running kernels end.'
          )}
        </p>
        <div aria-label={trans.__('Profile')} role="radiogroup">
          {profiles.map(profile => this._renderRow(profile))}
        </div>
        {this.isChecked && !chosen && (
          <small className="orrery-problem" role="alert">
            {trans.__('Choose a profile.')}
          </small>
        )}
        {chosen && chosen.projects.length > 0 && (
          <label className="orrery-field">
            {trans.__('Project')}
            <Select
              label={trans.__('Project')}
              options={[
                ['', chosen.needs_project ? trans.__('Choose…') : trans.__('None')],
                ...chosen.projects.map(slug => [slug, slug] as const)
              ]}
              value={this._project}
              onChange={project => {
                this._project = project;
                this.update();
              }}
            />
          </label>
        )}
        <label className="orrery-compute-check">
          <input
            checked={this._isAutomatic}
            name="start"
            type="checkbox"
            onChange={event => {
              this._isAutomatic = event.currentTarget.checked;
              this.update();
            }}
          />
          {trans.__('Start anew without asking, as soon as there is room')}
        </label>
      </>
    );
  }

  private _renderRow(profile: ProfileChoice): JSX.Element {
    const { trans } = this;
    const isCurrent = profile.slug === this._compute.lease?.profile;
    const mayBe = !isCurrent && (profile.cause === '' || profile.may_queue);
    const ticket = this._ticketFor(profile);
    const about = isCurrent
      ? [trans.__('This server has it now')]
      : [...resourceFacts(profile, trans), ...availability(profile, ticket, trans)];
    return (
      <label
        key={profile.slug}
        className="orrery-compute-profile"
        aria-disabled={!mayBe}
      >
        <input
          checked={this._profile === profile.slug}
          disabled={!mayBe}
          name="profile"
          type="radio"
          value={profile.slug}
          onChange={() => this._choose(profile)}
        />
        <span>{profile.name}</span>
        <small className="orrery-quiet">{about.join(' · ')}</small>
      </label>
    );
  }

  /** The request for a profile that this server has in the queue already. */
  private _ticketFor({ slug }: ProfileChoice): Ticket | undefined {
    const server = this._compute.current?.name;
    return this._compute.tickets.find(
      ({ profile, server_name }) => profile === slug && server_name === server
    );
  }

  private _choose(profile: ProfileChoice): void {
    this._profile = profile.slug;
    const before = this._compute.lease?.project ?? '';
    const isUsable = profile.projects.includes(before);
    const first = profile.needs_project ? (profile.projects[0] ?? '') : '';
    this._project = isUsable ? before : first;
    this.update();
  }

  private _chosen(): ProfileChoice | undefined {
    const profiles = this._compute.choices?.profiles ?? [];
    return profiles.find(({ slug }) => slug === this._profile);
  }

  private _isAutomatic = true;
  private _profile = '';
  private _project = '';
}

/** What is free of a profile's pool and what it costs, or why it has to wait. */
function availability(
  profile: ProfileChoice,
  ticket: Ticket | undefined,
  trans: TranslationBundle
): string[] {
  const facts = [];
  const { cause, free_devices: free, pool_devices: total, reason, wait } = profile;
  if (free !== null && total !== null) {
    facts.push(trans.__('%1 of %2 free', free, total));
  }
  if (profile.price_micros !== null) {
    const price = (profile.price_micros / MICROS).toFixed(2);
    facts.push(trans.__('%1 %2 an hour', price, profile.currency));
  }
  if (ticket) {
    return [...facts, trans.__('requested'), ticketStanding(ticket, trans)].filter(
      Boolean
    );
  }
  if (cause !== '') {
    facts.push(reason);
  }
  const { low_seconds: low, high_seconds: high } = wait ?? {};
  if (typeof low === 'number' && typeof high === 'number') {
    facts.push(trans.__('expected in %1', rangeText(low, high, trans)));
  }
  return facts;
}

class BudgetForm extends FormBody {
  constructor(
    private readonly _compute: ICompute,
    private readonly _budget: Budget,
    trans: TranslationBundle
  ) {
    super(trans);
  }

  override invalidField(): string | undefined {
    return Number(this._amount) > 0 ? undefined : 'amount';
  }

  override submit(): Promise<void> {
    const { size } = this._unit();
    const amount = Math.round(Number(this._amount) * size);
    return this._compute.askForMore(this._budget, amount, this._reason.trim());
  }

  protected override renderFields(): JSX.Element {
    const { trans } = this;
    const currency = this._compute.budgets?.currency ?? '';
    const isWrong = this.isChecked && this.invalidField() !== undefined;
    return (
      <>
        <p>{budgetText(this._budget, currency, trans)}</p>
        <TextField
          label={trans.__('How much more, in %1', this._unit().name)}
          min={0}
          name="amount"
          problem={isWrong ? trans.__('Give a number above zero.') : undefined}
          step="any"
          type="number"
          value={this._amount}
          onChange={event => {
            this._amount = event.currentTarget.value;
            this.update();
          }}
        />
        <TextField
          label={trans.__('What for')}
          maxLength={REASON_LENGTH}
          name="reason"
          rows={3}
          value={this._reason}
          onChange={event => {
            this._reason = event.currentTarget.value;
            this.update();
          }}
        />
      </>
    );
  }

  private _unit(): { name: string; size: number } {
    const currency = this._compute.budgets?.currency ?? '';
    return unitOf(this._budget, currency, this.trans);
  }

  private _amount = '';
  private _reason = '';
}
