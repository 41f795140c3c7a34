"""数据资产分类分级清单: the inventory as Chinese compliance teams keep it, a row for each column."""
