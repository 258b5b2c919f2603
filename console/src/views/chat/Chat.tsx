import { Page } from '../../ui/parts';

export default function Chat() {
  return <Page title="Chat">{null}</Page>;
}
