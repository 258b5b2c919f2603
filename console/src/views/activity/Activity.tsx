import { Page } from '../../ui/parts';

export default function Activity() {
  return <Page title="Activity">{null}</Page>;
}
