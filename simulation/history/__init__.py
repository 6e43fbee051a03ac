"""Years of history at the state's scale: made up in memory by a dice, written by COPY.

`plan` says how many complaints end how and when each is filed, `state` holds what they are about and whose they are,
`life` lets one complaint live through its years, `rows` puts it into the words of COPY, and `loading` shares the work
out and keeps the books. All of it is synthetic and says so: in the first event of each history and in `HistoryLoad`.
"""
