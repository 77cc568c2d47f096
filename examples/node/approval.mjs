// Tools that JSON Schemas describe, one of which needs a person's approval. Until then
// the script is a snapshot in bytes; it resumes with the tool's answer.

import { createMonty, suspend } from "../../js/src/index.js";
import { Toolbox } from "../../js/src/code-mode.js";

/** What an MCP server lists. */
const listed = [
  {
    name: "list-invoices",
    description: "Lists the invoices of a customer",
    inputSchema: { type: "object", properties: { customer: { type: "string" } }, required: ["customer"] },
    outputSchema: {
      type: "array",
      items: {
        type: "object",
        title: "Invoice",
        properties: { id: { type: "integer" }, total: { type: "number" }, paid: { type: "boolean" } },
        required: ["id", "total", "paid"],
      },
    },
    annotations: { readOnlyHint: true },
  },
  {
    name: "send-reminder",
    description: "Sends a reminder for an invoice",
    inputSchema: {
      type: "object",
      properties: { id: { type: "integer" }, tone: { enum: ["friendly", "firm"], default: "friendly" } },
      required: ["id"],
    },
    outputSchema: { type: "string" },
  },
];

/** What the server does with a call. */
const server = {
  "list-invoices": () => [
    { id: 7, total: 120.5, paid: true },
    { id: 8, total: 80.25, paid: false },
  ],
  "send-reminder": ({ id }) => `reminder for ${id} sent`,
};

// Only tools that read run at once: any other suspends the script.
const tools = listed.map((tool) => ({
  ...tool,
  call: (args) => (tool.annotations?.readOnlyHint ? server[tool.name](args) : suspend),
}));
const toolbox = new Toolbox({ namespaces: [{ name: "billing", tools }] });

// What the model is told, and the script that it writes.
console.log(toolbox.stubs("signature"));
const script = `
unpaid = [invoice for invoice in billing.list_invoices('Acme') if not invoice['paid']]
[billing.send_reminder(invoice['id'], tone='firm') for invoice in unpaid]
`;

const monty = await createMonty();
const { suspension } = await monty.run(script, toolbox.options);
const [call] = suspension.calls;
const args = toolbox.argumentsOf(call);
console.log(`approve ${call.name} with ${JSON.stringify(args)}? yes`);

// Later, in any process that has the snapshot.
const { originalName } = toolbox.tools.find(({ name }) => name === call.name);
const answers = { [call.id]: server[originalName](args) };
const { value } = await monty.resume(suspension.snapshot, answers, { tools: toolbox.options.tools });
console.log(value.join("\n"));
