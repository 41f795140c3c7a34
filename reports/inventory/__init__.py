"""数据资产分类分级清单: the inventory as Chinese compliance teams keep it, one row a column, as a workbook."""
