import { Page } from '../../ui/parts';

export default function Settings() {
  return <Page title="Settings">{null}</Page>;
}
