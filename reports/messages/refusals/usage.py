"""Chinese of what the library of the command line says of options and arguments."""

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "No such option: {option} (Possible options: {names})": "没有选项 {option}（相近：{names}）",
    "No such option: {option} Did you mean {name}?": "没有选项 {option}。是否为 {name}？",
    "No such option: {option}": "没有选项 {option}",
    "No such command '{name}'. Did you mean {near}?": "没有命令“{name}”。是否为{near}？",
    "No such command '{name}'.": "没有命令“{name}”",
    "Missing command.": "缺少命令",
    "Missing argument '{name}'.": "缺少参数“{name}”",
    "Missing option '{name}'.": "缺少选项 {name}",
    "Missing {what} '{name}'. {said}": "缺少 {name}：{said}",
    "Option '{name}' requires an argument.": "选项 {name} 须有值",
    "Option '{name}' requires {n} arguments.": "选项 {name} 须有 {n} 个值",
    "Option '{name}' does not take a value.": "选项 {name} 不带值",
    "Got unexpected extra argument(s) ({names})": "多余的参数：{names}",
    "Got unexpected extra argument ({names})": "多余的参数：{names}",
    "Got unexpected extra arguments ({names})": "多余的参数：{names}",
    "Invalid value for '{name}': {said}": "“{name}”的值无效：{said}",
    "Invalid value: {said}": "值无效：{said}",
    "Value error, {said}": "{said}",
    "'{value}' is not one of {choices}.": "“{value}”不在可选项中：{choices}",
    "Choose from: {choices}": "可选：{choices}",
    "Input should be a valid integer, unable to parse string as an integer": "须为整数",
    "Input should be a valid number, unable to parse string as a number": "须为数字",
    "Input should be greater than or equal to {n}": "须不小于 {n}",
    "Input should be less than or equal to {n}": "须不大于 {n}",
    "'{value}' is not a valid integer.": "“{value}”不是整数",
    "'{value}' is not a valid int.": "“{value}”不是整数",
    "'{value}' is not a valid float.": "“{value}”不是数字",
    "{value} is not in the range {range}.": "{value} 不在范围 {range} 内",
}
