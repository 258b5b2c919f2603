import { Page } from '../../ui/parts';

export default function Skills() {
  return <Page title="Skills">{null}</Page>;
}
