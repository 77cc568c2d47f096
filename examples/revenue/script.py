# Three calls and the logic between them, in one turn of the model.
q3 = search(query='Q3 revenue')
q4 = search(query='Q4 revenue')
growth = calculate(expression=f"({q4['revenue']} - {q3['revenue']}) / {q3['revenue']} * 100")

{'q3': q3, 'q4': q4, 'growth_rate': growth}
