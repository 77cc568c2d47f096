import asyncio
import json

names = ["Ada", "Grace", "Edsger"]
report = []
for name in names:
    who = customer(name)
    found = orders(name, limit=50)
    unpaid = [order for order in found if order["status"] == "open"]
    if not unpaid:
        continue
    total = sum(order["total"] for order in unpaid)
    euros = convert(total, to="EUR")
    report.append({"name": who["name"], "orders": len(unpaid), "euros": round(euros, 2)})


async def notes(ids: list[int]) -> list[str]:
    urls = [f"https://example.com/orders/{id}" for id in ids]
    return await asyncio.gather(*[fetch(url) for url in urls])


texts = await notes([order["id"] for order in orders("Ada")])
longest = max(texts, key=len, default="")
for line in report:
    subject = f"{line['orders']} open orders"
    who = customer(str(line["name"]))
    if who["country"] == "NL":
        subject = subject.upper()
    send(who["email"], subject, body=json.dumps(line))
{"sent": len(report), "longest": longest[:80]}
