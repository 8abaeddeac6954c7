declare module "*.vue" {
  import type { DefineComponent } from "vue";
  const component: DefineComponent<import("../shared/site.ts").Site>;
  export default component;
}
