import { Page } from '../../ui/parts';

export default function Inbox() {
  return <Page title="Inbox">{null}</Page>;
}
