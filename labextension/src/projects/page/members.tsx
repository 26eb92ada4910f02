/**
 * Who is in the project: roles, removal, invitation.
 */
import { closeIcon, userIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { Button, IconButton, Select, TextField } from '../../base/controls';
import { notifyError, sentence } from '../../base/notify';
import { FilterField } from '../../base/panel/filterfield';
import { offerUndo } from '../../base/undo';
import { CommandIDs } from '../commands';
import { When } from '../components';
import { roleName, ROLES } from '../names';
import type { Member, Role } from '../schemas';
import type { IPageProps } from './props';

// With fewer members, looking is faster than searching.
const SEARCH_FROM = 12;

/** The members, page by page, and the form that invites one. */
export function Members(props: IPageProps): JSX.Element {
  const { model, trans } = props;
  const { members } = model;
  const list = React.useRef<HTMLUListElement>(null);
  const query = members.query.q ?? '';
  const missing = members.total - members.items.length;
  return (
    <section aria-labelledby="orrery-page-members">
      <div className="orrery-page-title">
        <h2 id="orrery-page-members">{trans.__('Members')}</h2>
        {(query || members.total > SEARCH_FROM) && (
          <FilterField
            placeholder={trans.__('Search members')}
            onChange={q => members.filter({ q })}
            onDown={() => list.current?.querySelector('select')?.focus()}
            trans={trans}
            value={query}
          />
        )}
      </div>
      {members.state === 'failed' && (
        <p className="orrery-problem" role="alert">
          {sentence(members.error, trans)}
        </p>
      )}
      <ul className="orrery-page-list" ref={list}>
        {members.items.map(member => (
          <MemberRow key={member.user} {...props} member={member} />
        ))}
      </ul>
      {query && members.state === 'ready' && members.total === 0 && (
        <p className="orrery-quiet">{trans.__('No member matches "%1".', query)}</p>
      )}
      {missing > 0 && (
        <Button onClick={() => model.showMore()}>
          {trans._n('Show %1 more member', 'Show more of %1 members', missing)}
        </Button>
      )}
      <Invitation {...props} />
    </section>
  );
}

interface IMemberProps extends IPageProps {
  member: Member;
}

function MemberRow(props: IMemberProps): JSX.Element {
  const { member, model, trans } = props;
  const { role, since, user } = member;
  const isMe = user === model.status?.user;
  const mayRemove = model.isOwner || isMe;
  const attempt = (change: Promise<unknown>): void => {
    change.catch((error: unknown) => notifyError(error, trans));
  };
  return (
    <li className="orrery-page-row">
      <userIcon.react tag="span" />
      <span className="orrery-page-label" title={user}>
        {user}
        {isMe && <span className="orrery-quiet"> {trans.__('(you)')}</span>}
      </span>
      <span className="orrery-quiet">
        <When prefix={trans.__('since')} when={since} />
      </span>
      <RoleSelect
        isDisabled={!model.isOwner}
        label={trans.__('Role of %1', user)}
        onChange={chosen => attempt(model.setRole(user, chosen))}
        role={role}
        title={
          model.isOwner
            ? undefined
            : trans.__('Only owners of the project change roles')
        }
        trans={trans}
      />
      <IconButton
        disabled={!mayRemove}
        icon={closeIcon}
        label={
          mayRemove
            ? trans.__('Remove %1 from the project', user)
            : trans.__('Only owners of the project remove members')
        }
        onClick={event => {
          focusNeighbour(event.currentTarget);
          attempt(remove(props, isMe));
        }}
      />
    </li>
  );
}

/** Take a member out, with a way back; leaving asks first. */
async function remove(props: IMemberProps, isMe: boolean): Promise<void> {
  const { commands, member, model, trans } = props;
  const { role, user } = member;
  if (isMe) {
    await commands.execute(CommandIDs.leave, { slug: model.slug });
    return;
  }
  await model.removeMember(user);
  const message = trans.__('%1 was removed from the project.', user);
  offerUndo(message, () => model.invite(user, role), trans);
}

/** Keep the keyboard in the list when the row of a button goes away. */
function focusNeighbour(button: HTMLElement): void {
  const row = button.closest('li');
  const next = row?.nextElementSibling ?? row?.previousElementSibling;
  next?.querySelector<HTMLElement>('.orrery-icon-button')?.focus();
}

interface IRoleProps extends Pick<IPageProps, 'trans'> {
  isDisabled?: boolean;
  label: string;
  onChange: (role: Role) => void;
  role: Role;
  title?: string;
}

function RoleSelect(props: IRoleProps): JSX.Element {
  const { isDisabled, label, onChange, role, title, trans } = props;
  return (
    <Select
      disabled={isDisabled}
      label={label}
      onChange={onChange}
      options={ROLES.map(value => [value, roleName(value, trans)])}
      title={title}
      value={role}
    />
  );
}

/** The form that makes somebody a member, or why there can be nobody else. */
function Invitation(props: IPageProps): JSX.Element {
  const { model, trans } = props;
  if (model.status && !model.status.hub) {
    return (
      <p className="orrery-quiet">
        {trans.__('Start Orrery with its hub (`orrery up`) to work with others.')}
      </p>
    );
  }
  if (!model.isOwner) {
    return (
      <p className="orrery-quiet">
        {trans.__('Only owners of the project invite people and change roles.')}
      </p>
    );
  }
  return <InvitationForm {...props} />;
}

/** What is typed, how the last invitation went, and how to send one. */
interface IInvitation {
  user: string;
  role: Role;
  problem: string;
  result: string;
  set: (change: Partial<IInvitation>) => void;
  send: () => Promise<void>;
}

function useInvitation({ model, trans }: IPageProps): IInvitation {
  const [state, setState] = React.useState({
    user: '',
    role: 'editor' as Role,
    problem: '',
    result: ''
  });
  const set = (change: Partial<IInvitation>): void =>
    setState(before => ({ ...before, ...change }));
  const send = async (): Promise<void> => {
    const user = state.user.trim();
    if (!user) {
      set({ problem: trans.__('Type the user name of the person.'), result: '' });
      return;
    }
    try {
      const member = await model.invite(user, state.role);
      const role = roleName(member.role, trans);
      const result = trans.__('%1 is a member now: %2.', member.user, role);
      set({ user: '', problem: '', result });
    } catch (error) {
      set({ problem: sentence(error, trans), result: '' });
    }
  };
  return { ...state, set, send };
}

function InvitationForm(props: IPageProps): JSX.Element {
  const { trans } = props;
  const { problem, result, role, send, set, user } = useInvitation(props);
  return (
    <form
      aria-label={trans.__('Invite a person')}
      className="orrery-page-invitation"
      onSubmit={event => {
        event.preventDefault();
        void send();
      }}
    >
      <TextField
        autoCapitalize="none"
        autoComplete="off"
        hint={
          result ||
          trans.__('Who has not logged in yet becomes a member at the first log-in.')
        }
        label={trans.__('Invite by user name')}
        maxLength={255}
        name="user"
        onChange={event => set({ user: event.target.value })}
        problem={problem || undefined}
        spellCheck={false}
        type="text"
        value={user}
      />
      <RoleSelect
        label={trans.__('Role of the invited person')}
        onChange={chosen => set({ role: chosen })}
        role={role}
        trans={trans}
      />
      <Button look="accept" type="submit">
        {trans.__('Invite')}
      </Button>
      <span className="orrery-hidden" role="status">
        {result}
      </span>
    </form>
  );
}
